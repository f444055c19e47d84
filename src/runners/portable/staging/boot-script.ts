import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The command that every worker is started with on this machine; the flags of Beam's container contract follow. */
export const BOOT_COMMAND: readonly string[] = [
  process.execPath,
  fileURLToPath(new URL('../../../cli/main.ts', import.meta.url)),
  'boot',
];

/** One file that starts a worker, for runners that take no command but that. @returns its path */
export function writeBootScript(folder: string): string {
  const path = join(folder, 'boot');
  const quoted = BOOT_COMMAND.map((part) => `'${part.replaceAll("'", String.raw`'\''`)}'`);
  writeFileSync(path, `#!/bin/sh\nexec ${quoted.join(' ')} "$@"\n`);
  chmodSync(path, 0o755);
  return path;
}
