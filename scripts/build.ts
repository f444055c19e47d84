/** `npm run build`: compiles src/ to the JavaScript and type declarations of the published package, in dist/. */
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');

if (import.meta.main) process.exit(build() ? 0 : 1);

/** Replaces dist/ with what src/ compiles to; false where it does not compile, which is then printed. */
export function build(): boolean {
  rmSync(DIST, { recursive: true, force: true });
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  const run = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: ROOT, stdio: 'inherit' });
  if (run.status !== 0) return false;
  renameSources();
  copyWhatIsNotCompiled();
  return true;
}

/** Declarations, generated JavaScript, protos and data files lie beside the source that uses them, so they move along. */
function copyWhatIsNotCompiled(): void {
  for (const path of globSync('**/*', { cwd: join(ROOT, 'src'), withFileTypes: true })) {
    const isCompiled = path.name.endsWith('.ts') && !path.name.endsWith('.d.ts');
    if (!path.isFile() || isCompiled) continue;
    const from = join(path.parentPath, path.name);
    cpSync(from, join(DIST, from.slice(join(ROOT, 'src').length)));
  }
}

/**
 * The compiler turns `./x.ts` into `./x.js` in the imports of JavaScript. Declarations need the same, and so do worker
 * threads and data files, which are named by `new URL('./worker.ts', import.meta.url)`.
 */
function renameSources(): void {
  for (const path of globSync('**/*.{js,d.ts}', { cwd: DIST })) {
    const specifier = path.endsWith('.js')
      ? /(new URL\(\s*(['"`])\.[^'"`]*)\.ts(?=\2,\s*import\.meta\.url)/g
      : /(\b(?:from|import)[ (]+(['"])\.[^'"]*)(?<!\.d)\.ts(?=\2)/g;
    const text = readFileSync(join(DIST, path), 'utf8');
    const renamed = text.replace(specifier, '$1.js');
    if (renamed !== text) writeFileSync(join(DIST, path), renamed);
  }
}
