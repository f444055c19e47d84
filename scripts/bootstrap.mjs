/**
 * Runs `node <script> [arguments]` with everything that it needs: `node scripts/bootstrap.mjs scripts/test.ts src/io`.
 *
 * This is the one file that any Node >= 18 must be able to run: it installs what package-lock.json asks for when
 * node_modules lacks it, then hands over to the Node that is installed there. It uses no package and no syntax newer
 * than that.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [script, ...scriptArguments] = process.argv.slice(2);

if (script === undefined) fail('usage: node scripts/bootstrap.mjs SCRIPT [ARGUMENT...]');
if (!existsSync(resolve(root, script))) fail(`${script} does not exist in this checkout.`);

const wanted = missingPackages();
if (wanted.length > 0) install(wanted);
const node = installedNode() ?? repairedNode() ?? ownNode();

const child = spawn(node, [resolve(root, script), ...scriptArguments], {
  stdio: 'inherit',
  env: { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH ?? ''}` },
});
// A terminal sends Ctrl-C to the child as well, so passing it on would deliver it twice. How to end is the child's choice.
process.on('SIGINT', () => {});
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => fail(`${node} could not be started: ${error.message}`));
child.on('exit', (code, signal) => process.exit(signal === null ? code : 128 + constants.signals[signal]));

/**
 * The packages of package-lock.json that node_modules lacks or has in another version. npm leaves a lock file of what
 * it installed inside node_modules; optional packages (mostly native builds for other platforms) may be absent there.
 */
function missingPackages() {
  const lock = readJson(join(root, 'package-lock.json'));
  if (lock === undefined) fail('package-lock.json is missing or is not JSON.');
  const installed = readJson(join(root, 'node_modules', '.package-lock.json'))?.packages ?? {};
  return Object.keys(lock.packages).filter((path) => {
    const entry = lock.packages[path];
    if (path === '') return false;
    const present = installed[path];
    return present === undefined ? !entry.optional : present.version !== entry.version;
  });
}

/** Installs exactly the lock file, and says so first: on a slow line it takes minutes. */
function install(missing) {
  console.error(`Installing ${missing.length} packages into node_modules (npm ci) ...`);
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  if (npm(['ci', ...quiet])) return;
  // `npm ci` refuses a lock file that does not name every optional package of every platform. `npm install` takes the
  // versions that the file does name all the same, and --no-save leaves the file alone.
  console.error('npm ci failed; trying npm install --no-save ...');
  if (!npm(['install', '--no-save', ...quiet]))
    fail('The packages could not be installed: see the messages of npm above.');
}

/** Runs the npm that started this process, under the Node that runs it, else the npm on the PATH. */
function npm(npmArguments) {
  const cli = process.env.npm_execpath;
  const viaNode = cli !== undefined && /npm-cli\.c?js$/.test(cli);
  const interpreter = process.env.npm_node_execpath ?? process.execPath;
  const result = viaNode
    ? spawnSync(interpreter, [cli, ...npmArguments], { cwd: root, stdio: ['ignore', 2, 2] })
    : spawnSync('npm', npmArguments, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  return result.status === 0;
}

/** The Node of node_modules, where it is there and starts. */
function installedNode() {
  for (const name of ['node.exe', 'node']) {
    const path = join(root, 'node_modules', 'node', 'bin', name);
    if (existsSync(path) && spawnSync(path, ['--version']).status === 0) return path;
  }
  return undefined;
}

/** npm fetches the binary in an install script, which users may have switched off: this runs that script itself. */
function repairedNode() {
  const folder = join(root, 'node_modules', 'node');
  if (!existsSync(join(folder, 'installArchSpecificPackage.js'))) return undefined;
  console.error('Installing the Node binary ...');
  spawnSync(process.execPath, ['installArchSpecificPackage.js'], { cwd: folder, stdio: ['ignore', 2, 2] });
  return installedNode();
}

/** On a platform for which no Node is published (Alpine Linux, for one), the running one serves if it is new enough. */
function ownNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  return fail(
    `No Node could be installed for ${process.platform}-${process.arch}, and ${process.version} is older than 22.18.`,
  );
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function fail(message) {
  console.error(message);
  return process.exit(1);
}
