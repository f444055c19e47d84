import { PipelineError } from '../sdk/index.ts';
import { baseName, checkPath, folderOf, joinPath, resolveInside } from './filesystem/paths.ts';

/** How the files of a sink are named: prefix, destination, shard template, suffix. */
export interface FileNaming {
  readonly prefix: string;
  /** Runs of `S` stand for the shard's number, runs of `N` for the count of shards, padded to the run's length. */
  readonly template: string;
  readonly suffix: string;
}

/** Beam's default. */
export const DEFAULT_TEMPLATE = '-SSSSS-of-NNNNN';

/** @throws PipelineError `OPTION_INVALID` when files could not be told apart or would leave their folder. */
export function checkNaming(naming: FileNaming, numShards: number | undefined, transform: string): void {
  checkPath(naming.prefix);
  const problem =
    !naming.template.includes('S') && numShards !== 1
      ? `shardNameTemplate '${naming.template}' gives all shards one name; set numShards: 1 or write S in it`
      : /[/\\\0]/.test(naming.template + naming.suffix)
        ? 'shardNameTemplate and suffix cannot hold /, \\ or NUL'
        : numShards !== undefined && !(Number.isInteger(numShards) && numShards >= 1 && numShards <= 100_000)
          ? `numShards must be an integer from 1 to 100,000, not ${numShards}`
          : undefined;
  if (problem !== undefined) throw new PipelineError('OPTION_INVALID', problem, { transform });
}

/**
 * Path of a destination's files up to the shard. Without destinations that is the prefix; with them the prefix is the
 * folder that holds them all.
 *
 * @throws IoError `PATH_ESCAPES`, `PATH_INVALID`
 */
export function destinationPath(naming: FileNaming, destination: string | undefined): string {
  return destination === undefined ? naming.prefix : resolveInside(naming.prefix, destination);
}

/** Full name of one shard. */
export function shardPath(naming: FileNaming, base: string, shard: number, shards: number): string {
  const filled = naming.template
    .replace(/S+/g, (run) => String(shard).padStart(run.length, '0'))
    .replace(/N+/g, (run) => String(shards).padStart(run.length, '0'));
  return base + filled + naming.suffix;
}

/** Whether a path is a shard, of any number out of any count, that a run with the same names wrote. */
export function isShardOf(naming: FileNaming, base: string, path: string): boolean {
  if (folderOf(path) !== folderOf(base)) return false;
  const pattern = naming.template
    .split(/(S+|N+)/)
    .map((part) => (/^[SN]+$/.test(part) ? `\\d{${part.length},}` : escapeRegExp(part)))
    .join('');
  return new RegExp(`^${escapeRegExp(baseName(base))}${pattern}${escapeRegExp(naming.suffix)}$`).test(baseName(path));
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\-]/g, '\\$&');
}

/**
 * Folder of the temporaries of all runs that write the same names: hidden, beside the target so that the final move
 * stays within one volume, and found again by the next run, which removes what a killed one left.
 */
export function temporaryFolder(naming: FileNaming, dynamic: boolean): string {
  const id = fnv1a(`${naming.prefix}\n${naming.template}\n${naming.suffix}`).toString(16).padStart(8, '0');
  return joinPath(dynamic ? naming.prefix : folderOf(naming.prefix), `.millrace-tmp-${id}`);
}

/** 32-bit FNV-1a of a text's UTF-8 bytes. */
export function fnv1a(text: string | Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of typeof text === 'string' ? Buffer.from(text) : text) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
