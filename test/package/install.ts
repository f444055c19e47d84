/** Packs a copy of this repository and installs the tarball where nothing else is, as a user does. */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
/** What `npm pack` reads. It changes package.json for a moment, so it works on a copy while other tests run. */
const PACKED = [
  '.npmrc',
  'CHANGELOG.md',
  'docs',
  'LICENSE',
  'README.md',
  'package-lock.json',
  'package.json',
  'scripts',
  'src',
  'tsconfig.build.json',
  'tsconfig.json',
];

export interface Installed {
  /** The copy of the repository that was packed. */
  readonly repository: string;
  /** Where the package is installed: the user's project. */
  readonly project: string;
  /** The paths in the tarball. */
  readonly files: readonly string[];
  /** Removes both folders. */
  remove(): void;
}

/** @throws Error with the output of npm when packing or installing fails. */
export function packAndInstall(): Installed {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-package-')));
  const repository = join(folder, 'repository');
  const project = join(folder, 'project');
  mkdirSync(repository);
  mkdirSync(project);
  for (const name of PACKED.filter((each) => existsSync(join(ROOT, each)))) {
    cpSync(join(ROOT, name), join(repository, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(repository, 'node_modules'), 'junction');

  const [packed] = JSON.parse(npm(repository, ['pack', '--json', '--pack-destination', folder]));
  writeFileSync(join(project, 'package.json'), JSON.stringify({ name: 'project', private: true, type: 'module' }));
  // A TypeScript project for Node has the types of Node.
  const nodeTypes = `@types/node@${readManifest(join(ROOT, 'node_modules/@types/node')).version}`;
  npm(project, ['install', '--prefer-offline', '--no-audit', '--no-fund', join(folder, packed.filename), nodeTypes]);

  return {
    repository,
    project,
    files: packed.files.map(({ path }: { path: string }) => path),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function readManifest(folder: string): { readonly version: string } {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** Runs npm and returns what it prints. The npm that runs the tests may have settings for this repository only. */
function npm(cwd: string, args: readonly string[]): string {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));
  const { status, stdout, stderr } = spawnSync('npm', [...args, '--loglevel=error'], {
    cwd,
    env,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed:\n${stdout}${stderr}`);
  return stdout;
}
