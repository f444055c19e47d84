import { readFileSync } from 'node:fs';

/** What Linux says of a process. */
interface ProcessEntry {
  /** One letter: `R`, `S`, …, `Z` for one that has ended and that nobody has waited for. */
  readonly state: string;
  /** Ticks since the machine was started. */
  readonly start: string;
}

/** When a process began, in a form that only another process of the same number has otherwise; empty where nothing tells. */
export function processStart(pid: number): string {
  return entryOf(pid)?.start ?? '';
}

/**
 * Whether a process that wrote down its number and its {@link processStart} still runs. The number alone does not tell:
 * in containers each start has the same one, and what was killed there may stay in the table of processes for good.
 *
 * @param start may be empty: then every process of this number counts
 */
export function isRunning(pid: number, start: string): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const entry = entryOf(pid);
  if (entry === undefined) return true;
  return entry.state !== 'Z' && entry.state !== 'X' && (start === '' || entry.start === start);
}

function entryOf(pid: number): ProcessEntry | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The name before it is in brackets and may hold anything. State and start are the fields 3 and 22 of proc(5).
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0], start: fields[19] ?? '' };
}
