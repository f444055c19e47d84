import { IoError } from '../../sdk/index.ts';
import { FIRST_ID } from './entry-id.ts';
import type { RedisCommand, RedisCommands, RedisReply } from './redis-client.ts';
import type { RawRedisEntry } from './stream-entry.ts';

/** Entries, and the server's clock before they were looked for: what is added later has a later id. */
export interface ReadEntries {
  readonly time: number;
  readonly entries: readonly RawRedisEntry[];
  /** Ids of entries that a group still has on its list and that the stream has no more. */
  readonly deleted: readonly string[];
}

/** Guessed bytes of an entry, where there is no better way to compare streams. */
const ENTRY_BYTES = 100;

/** The id of the last entry; `0-0` for a stream that is empty or is not there. */
export async function lastId(client: RedisCommands, stream: string): Promise<string> {
  const [reply] = await client.ask([['XREVRANGE', stream, '+', '-', 'COUNT', '1']], `read the end of ${stream}`);
  const [entry] = reply as RedisReply[][];
  return entry === undefined ? FIRST_ID : String(entry[0]);
}

/** The id of the first entry, if there is any. */
export async function firstId(client: RedisCommands, stream: string): Promise<string | undefined> {
  const [reply] = await client.ask([['XRANGE', stream, '-', '+', 'COUNT', '1']], `read the begin of ${stream}`);
  const [entry] = reply as RedisReply[][];
  return entry === undefined ? undefined : String(entry[0]);
}

/** About how many bytes a stream has. */
export async function sizeOf(client: RedisCommands, stream: string): Promise<number> {
  const [length] = await client.ask([['XLEN', stream]], `read the length of ${stream}`);
  return Number(length) * ENTRY_BYTES;
}

/** The commands that read entries behind an id. */
export function readCommands(stream: string, after: string, count: number): readonly RedisCommand[] {
  return [['TIME'], ['XREAD', 'COUNT', String(count), 'STREAMS', stream, after]];
}

/** The commands that read for a consumer of a group: new entries (`>`), or of its own that are not acknowledged those behind an id. */
export function groupCommands(
  stream: string,
  { name, consumer }: { readonly name: string; readonly consumer: string },
  after: string,
  count: number,
): readonly RedisCommand[] {
  const read = ['XREADGROUP', 'GROUP', name, consumer, 'COUNT', String(count), 'STREAMS', stream, after];
  return [['TIME'], read];
}

/** Makes a group where there is none yet, and the stream if need be. */
export async function createGroup(client: RedisCommands, stream: string, group: string, after: string): Promise<void> {
  try {
    await client.ask([['XGROUP', 'CREATE', stream, group, after, 'MKSTREAM']], `create the group ${group}`);
  } catch (error) {
    if (error instanceof IoError && /BUSYGROUP/.test(error.message)) return;
    throw error;
  }
}

/** What the commands that read have answered. */
export function readEntries(stream: string, [time, reply]: readonly RedisReply[]): ReadEntries {
  const [seconds, micros] = (time as RedisReply[]).map(Number);
  const entries: RawRedisEntry[] = [];
  const deleted: string[] = [];
  const [read] = (reply ?? []) as RedisReply[][];
  for (const [id, flat] of (read?.[1] ?? []) as [Buffer, Buffer[] | null][]) {
    if (flat === null) {
      deleted.push(String(id));
      continue;
    }
    const fields: [Buffer, Buffer][] = [];
    for (let i = 0; i < flat.length; i += 2) fields.push([flat[i], flat[i + 1]]);
    entries.push({ stream, id: String(id), fields });
  }
  return { time: seconds * 1000 + Math.floor(micros / 1000), entries, deleted };
}
