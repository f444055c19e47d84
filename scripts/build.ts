/** `npm run build`: compiles src/ to the JavaScript and type declarations of the published package, in dist/. */
import { spawnSync } from 'node:child_process';
import { cpSync, globSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

if (import.meta.main) process.exit(build() ? 0 : 1);

/** Replaces dist/ with what src/ compiles to; false where it does not compile, which is then printed. */
export function build(): boolean {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const run = spawnSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
  if (run.status !== 0) return false;
  copyWhatIsNotCompiled();
  return namesNoSourceUrl();
}

/** Declarations, generated JavaScript, protos and data files lie beside the source that uses them, so they move along. */
function copyWhatIsNotCompiled(): void {
  for (const path of globSync('**/*', { cwd: join(root, 'src'), withFileTypes: true })) {
    const isCompiled = path.name.endsWith('.ts') && !path.name.endsWith('.d.ts');
    if (!path.isFile() || isCompiled) continue;
    const from = join(path.parentPath, path.name);
    cpSync(from, join(root, 'dist', from.slice(join(root, 'src').length)));
  }
}

/**
 * The compiler rewrites `./x.ts` in imports only. A worker started from `new URL('./worker.ts', import.meta.url)` would
 * run in the repository and be missing from the package.
 */
function namesNoSourceUrl(): boolean {
  const offenders = globSync('dist/**/*.js', { cwd: root }).filter((path) =>
    /new URL\(\s*['"`][^'"`]*\.ts['"`]/.test(readFileSync(join(root, path), 'utf8')),
  );
  if (offenders.length === 0) return true;
  console.error(`These files name a .ts file in a URL, which the package has only as .js: ${offenders.join(', ')}`);
  console.error('Take the extension from import.meta.url, which is the name of the running file.');
  return false;
}
