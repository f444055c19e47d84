import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Program } from '../harness/run-program.ts';
import { userProject } from '../harness/user-project.ts';

/** A program of `programs/`, on the compiled package. */
export function nexmarkProgram(
  name: string,
  given: Readonly<Record<string, string | number | boolean | undefined>>,
  nodeOptions: readonly string[] = [],
): Program {
  const script = join(userProject(), 'bench', 'nexmark', 'programs', `${name}.ts`);
  const options = Object.entries(given).flatMap(([option, value]) =>
    value === undefined || value === false ? [] : value === true ? [`--${option}`] : [`--${option}`, String(value)],
  );
  return { command: process.execPath, arguments: [...nodeOptions, script, ...options] };
}

/** Calls with a folder for checkpoints, which is removed afterwards. */
export async function withFolder<T>(call: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-nexmark-'));
  try {
    return await call(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
