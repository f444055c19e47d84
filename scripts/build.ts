/**
 * `npm run build`: compiles src/ to the published package, in dist/: JavaScript in a few files that import each other
 * (reading 230 modules one by one takes longer than a small pipeline), type declarations in the folders of their sources.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { type BuildOptions, buildSync } from 'esbuild';
import { compiledName } from './compiled-name.ts';

const ROOT = join(import.meta.dirname, '..');
const SRC = join(ROOT, 'src');
const DIST = join(ROOT, 'dist');
/** A file named at run time: `new URL('./worker.ts', import.meta.url)`. */
const FILE_URL = /new URL\(\s*(['"])(\.[^'"]*)\1,\s*import\.meta\.url\s*\)/g;

if (import.meta.main) process.exit(build() ? 0 : 1);

/** Replaces dist/ with what src/ compiles to; false where it does not compile, which is then printed. */
export function build(): boolean {
  rmSync(DIST, { recursive: true, force: true });
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  const run = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: ROOT, stdio: 'inherit' });
  if (run.status !== 0) return false;
  renameDeclarations();
  bundle(DIST);
  return true;
}

/** Hand-written declarations move along; in all of them `./x.ts` becomes `./x.js`. */
function renameDeclarations(): void {
  for (const path of globSync('**/*.d.ts', { cwd: SRC })) cpSync(join(SRC, path), join(DIST, path));
  for (const path of globSync('**/*.d.ts', { cwd: DIST })) {
    const text = readFileSync(join(DIST, path), 'utf8');
    const renamed = text.replace(/(\b(?:from|import)[ (]+(['"])\.[^'"]*)(?<!\.d)\.ts(?=\2)/g, '$1.js');
    if (renamed !== text) writeFileSync(join(DIST, path), renamed);
  }
}

/** Writes the JavaScript: the entry points of package.json and the files that they name as worker threads. */
export function bundle(folder: string): void {
  const { exports, bin } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const named = [...Object.values<string>(exports), ...Object.values<string>(bin)].filter((path) =>
    path.endsWith('.ts'),
  );
  const sources = globSync('**/*.ts', { cwd: SRC }).filter((path) => !path.endsWith('.test.ts'));
  const workers = sources.flatMap((path) => fileUrls(join(SRC, path)).filter((target) => target.endsWith('.ts')));
  const entries = [...named.map((path) => join(ROOT, path)), ...workers];
  const options: BuildOptions = {
    entryPoints: entries.map((path) => ({ in: path, out: compiledName(relative(ROOT, path)).replace(/\.js$/, '') })),
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    packages: 'external',
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'warning',
  };
  buildSync(options);
  for (const path of globSync('*.js', { cwd: folder })) rewriteFileUrls(join(folder, path));
}

/** Absolute paths of the files that a source names at run time. */
function fileUrls(source: string): string[] {
  const text = readFileSync(source, 'utf8');
  return [...text.matchAll(FILE_URL)].map(([, , path]) => resolve(dirname(source), path));
}

/**
 * In the package everything of src/ is in dist/ itself. The bundler marks where each source's code begins, by which the
 * relative path is understood.
 */
function rewriteFileUrls(path: string): void {
  let source = '';
  const lines = readFileSync(path, 'utf8').split('\n');
  const rewritten = lines.map((line) => {
    source = /^\/\/ (src\/.*\.ts)$/.exec(line)?.[1] ?? source;
    return line.replaceAll(FILE_URL, (_all, quote: string, target: string) => {
      const absolute = resolve(ROOT, dirname(source), target);
      const inSource = absolute === SRC || absolute.startsWith(join(SRC, '/'));
      const name =
        absolute === SRC ? './' : inSource ? `./${compiledName(relative(ROOT, absolute))}` : relative(DIST, absolute);
      return `new URL(${quote}${name}${quote}, import.meta.url)`;
    });
  });
  writeFileSync(path, rewritten.join('\n'));
}
