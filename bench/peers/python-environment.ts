import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProcess } from '../harness/run-program.ts';

/** Where peers are installed: beside the packages' caches, ignored by git. */
export const PEER_FOLDER = join(import.meta.dirname, '..', '..', '.cache', 'bench');

/** The Python of a virtual environment that has exactly these packages; made at first use. */
export async function pythonWith(name: string, packages: readonly string[]): Promise<string> {
  const folder = join(PEER_FOLDER, name);
  const python = join(folder, 'bin', 'python');
  const complete = join(folder, `complete-${packages.join('+')}`);
  if (existsSync(complete)) return python;
  console.error(`installing ${packages.join(', ')} ...`);
  mkdirSync(PEER_FOLDER, { recursive: true });
  await runProcess({ command: 'python3', arguments: ['-m', 'venv', '--clear', folder] });
  await runProcess({ command: python, arguments: ['-m', 'pip', 'install', '--quiet', ...packages] });
  writeFileSync(complete, '');
  return python;
}
