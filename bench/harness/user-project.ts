/** A project as users have it: the package compiled, in node_modules, and programs beside it. */
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bundle } from '../../scripts/build.ts';
import { publishedManifest } from '../../scripts/published-manifest.ts';

const ROOT = join(import.meta.dirname, '..', '..');
let made: string | undefined;

/**
 * Makes the project, once in a process; its folder holds copies of the programs that are measured and of
 * what they import: `workloads` beside `harness`, and `bench/nexmark` as it lies here.
 */
export function userProject(): string {
  if (made !== undefined) return made;
  const project = join(ROOT, '.cache', 'bench', `project-${process.pid}`);
  const installed = join(project, 'node_modules', 'millrace');
  mkdirSync(installed, { recursive: true });
  const manifest = publishedManifest(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));
  writeFileSync(join(installed, 'package.json'), JSON.stringify(manifest));
  bundle(join(installed, 'dist'));
  for (const dependency of Object.keys((manifest as { dependencies?: object }).dependencies ?? {})) {
    const link = join(project, 'node_modules', dependency);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', dependency), link, 'junction');
  }
  // Without one of its own, the folder would belong to this repository, and 'millrace' would be the source.
  writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module' }));
  for (const folder of ['workloads', 'harness']) {
    cpSync(join(ROOT, 'bench', folder), join(project, folder), { recursive: true });
  }
  for (const folder of ['bench/harness', 'bench/nexmark/programs', 'examples/nexmark']) {
    cpSync(join(ROOT, folder), join(project, folder), { recursive: true });
  }
  process.once('exit', () => rmSync(project, { recursive: true, force: true }));
  made = project;
  return project;
}
