/**
 * `npm test [-- PATH... --node-flag...]`: runs every test of the repository, or those under the given files, folders or
 * glob patterns, with Node's test runner. Flags go to Node: `npm test -- src/io --test-name-pattern=gzip`.
 */
import { spawn } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';

const root = join(import.meta.dirname, '..');
const TEST_FOLDERS = ['src', 'test', 'scripts', 'bench', 'examples'];
/** Longest time for one test: a hang is a failure and must not eat the whole run. */
const TEST_TIMEOUT_MS = 300_000;

const argv = process.argv.slice(2);
const flags = argv.filter((argument) => argument.startsWith('-'));
const paths = argv.filter((argument) => !argument.startsWith('-'));

const files = testFiles(paths.length > 0 ? paths : TEST_FOLDERS);
if (files.length === 0) {
  console.error(`No test file matches ${paths.join(' ') || 'this checkout'}.`);
  process.exit(1);
}

const reporter = flags.some((flag) => flag.startsWith('--test-reporter'))
  ? []
  : [`--test-reporter=${join(import.meta.dirname, 'test-reporter.ts')}`];
const child = spawn(
  process.execPath,
  [
    '--test',
    // Tests start worker threads of their own, so more test processes than cores only makes them wait for each other.
    `--test-concurrency=${Math.min(availableParallelism(), 8)}`,
    `--test-timeout=${TEST_TIMEOUT_MS}`,
    ...reporter,
    ...flags,
    ...files,
  ],
  { cwd: root, stdio: 'inherit' },
);
child.on('exit', (code, signal) => process.exit(signal === null ? code : 1));

/** The test files named by files, folders and glob patterns, each once, in a fixed order. */
function testFiles(patterns: readonly string[]): string[] {
  const found = patterns.flatMap((pattern) =>
    globSync(isFolder(pattern) ? `${pattern}/**/*.test.ts` : pattern, {
      cwd: root,
      exclude: (path) => path.includes('node_modules'),
    }),
  );
  return [...new Set(found.map((path) => resolve(root, path)))].sort();
}

function isFolder(path: string): boolean {
  return statSync(join(root, path), { throwIfNoEntry: false })?.isDirectory() ?? false;
}
