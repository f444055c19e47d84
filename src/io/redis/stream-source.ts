import { type Coder, coders, type Duration, resume, type SplittableDoFn } from '../../sdk/index.ts';
import { type Positioned, PositionTracker } from '../position-tracker.ts';
import { timeBehind } from '../time-behind.ts';
import { type EntryFeed, StreamFeed } from './entry-feed.ts';
import { compareIds, FIRST_ID, lastIdBefore, millisOf } from './entry-id.ts';
import { GroupFeed, type RedisGroup } from './group-feed.ts';
import { RedisClient, type RedisCommands } from './redis-client.ts';
import type { RedisConnection } from './redis-connection.ts';
import { firstId, lastId, sizeOf } from './stream-commands.ts';
import { decodeEntry, type RawRedisEntry, timeOfId } from './stream-entry.ts';
import type { TakenEntries } from './taken-entries.ts';

/** A place in a stream: its begin or end, a time, or an entry, which is the last one before the place. */
export type RedisPosition = 'earliest' | 'latest' | { readonly time: number | Date } | { readonly after: string };

/** How streams are read; all options checked and with their defaults. */
export interface RedisSourceSettings<T> {
  readonly connection: RedisConnection;
  readonly start: RedisPosition;
  readonly end: RedisPosition | undefined;
  readonly group: RedisGroup | undefined;
  readonly decode: (entry: RawRedisEntry) => T;
  readonly timestampOf: ((element: T) => number) | undefined;
  readonly maxDelayMillis: number;
  readonly interval: Duration;
  readonly batchSize: number;
  readonly retryForMillis: number;
  readonly coder: Coder<T> | undefined;
}

/** What is left of a stream: the entries behind one, up to and including another if there is an end. */
interface EntryRange {
  readonly after: string;
  readonly through: string | null;
  /** Guessed bytes. */
  readonly bytes: number;
  /** Of a group. Checkpoints of earlier versions do not tell: what is on the list comes again. */
  readonly taken?: TakenEntries;
}

type Progress = Positioned<EntryRange>;

/** Where the calls for a stream have come to. */
interface Reading {
  readonly feed: EntryFeed;
  /** What was claimed last. */
  at: EntryRange;
}

/** The connection of a source, which ends with it. */
type SourceClient = Pick<RedisClient, keyof RedisCommands | 'close'>;

/** Most parts of a bounded read. */
const MAX_PARTS = 1000;

/** The splittable DoFn that reads one stream. */
export function streamSource<T>(
  settings: RedisSourceSettings<T>,
  client: SourceClient = new RedisClient(settings.connection, settings.retryForMillis),
): SplittableDoFn<string, Progress, Progress, T> {
  const { start, end, group, timestampOf, maxDelayMillis, batchSize } = settings;
  /** What a group has given and is not acknowledged is remembered between the calls. */
  const readings = new Map<string, Reading>();
  const readingOf = async (stream: string, at: EntryRange): Promise<Reading> => {
    if (group === undefined) return { feed: new StreamFeed(client, stream), at };
    const known = readings.get(stream);
    if (known !== undefined && isSame(known.at, at)) return known;
    // Also for a call that goes back to before what was given: that is on the list.
    const reading = { feed: new GroupFeed(client, stream, group, await idOf(client, stream, start), at.taken), at };
    readings.set(stream, reading);
    return reading;
  };
  return {
    unbounded: end === undefined,
    watermark: 'manual',
    ...(settings.coder === undefined ? {} : { coder: settings.coder }),
    restriction: {
      coder: coders.default() as Coder<Progress>,
      initial: async (stream) => {
        const after = group === undefined ? await idOf(client, stream, start) : FIRST_ID;
        if (end === undefined) return { at: { after, through: null, bytes: 1 }, over: false };
        const through = await idOf(client, stream, end);
        // Parts of equal time begin where there is something.
        const before = lastIdBefore(millisOf((await firstId(client, stream)) ?? FIRST_ID));
        const bytes = await sizeOf(client, stream);
        return { at: { after: compareIds(after, before) < 0 ? before : after, through, bytes }, over: false };
      },
      split: (_, range, bundleSize) => divide(range, Math.min(MAX_PARTS, Math.ceil(range.at.bytes / bundleSize))),
      size: (_, { at }) => at.bytes,
      tracker: (progress) => new PositionTracker(progress),
    },
    async *process(stream, { tracker, watermark, afterBundleCommit }) {
      const reading = await readingOf(stream, tracker.current().at);
      const { feed } = reading;
      let latest = Number.NEGATIVE_INFINITY;
      for (;;) {
        const { at } = tracker.current();
        const read = await feed.next(at.after, batchSize);
        const entries = within(read.entries, at.through);
        const last = entries.at(-1);
        // Fewer than there could be: all that there was.
        const over = at.through !== null && (entries.length < batchSize || last?.id === at.through);
        const claimed = behind(at, last, feed.taken?.());
        if (!tracker.tryClaim({ at: claimed, over })) return;
        reading.at = claimed;
        const acknowledge = feed.take();
        if (last !== undefined) {
          const values = entries.map((entry) => decodeEntry(entry, settings.decode));
          const timestamps = values.map((value, i) =>
            timestampOf === undefined ? timeOfId(stream, entries[i].id) : timestampOf(value),
          );
          yield { values, timestamps };
          // Not before: they have gone through the pipeline by now, so the next commit has them.
          if (acknowledge !== undefined) afterBundleCommit(acknowledge);
          for (const time of timestamps) if (time > latest) latest = time;
        }
        if (over) return;
        // Whatever comes from here on is later than the question, but for the delay.
        watermark.set(timeBehind(last === undefined ? read.time : Math.min(latest, read.time), maxDelayMillis));
        if (last === undefined) return resume(settings.interval);
      }
    },
    async teardown() {
      readings.clear();
      await client.close();
    },
  };
}

function isSame(a: EntryRange, b: EntryRange): boolean {
  return a.after === b.after && a.taken?.ids === b.taken?.ids;
}

/** What is left behind an entry. One that was claimed for a consumer may lie before others that it has read. */
function behind(at: EntryRange, last: RawRedisEntry | undefined, taken: TakenEntries | undefined): EntryRange {
  const after = last === undefined || compareIds(last.id, at.after) <= 0 ? at.after : last.id;
  return taken === undefined ? { ...at, after } : { ...at, after, taken };
}

/** Entries up to an id. They come in the order of their ids: mostly a look at the last one tells that all are. */
function within(entries: readonly RawRedisEntry[], through: string | null): readonly RawRedisEntry[] {
  if (through === null) return entries;
  let count = entries.length;
  while (count > 0 && compareIds(entries[count - 1].id, through) > 0) count--;
  return count === entries.length ? entries : entries.slice(0, count);
}

/** The id of the last entry before a place. */
async function idOf(client: RedisCommands, stream: string, position: RedisPosition): Promise<string> {
  if (position === 'earliest') return FIRST_ID;
  if (position === 'latest') return lastId(client, stream);
  return 'time' in position ? lastIdBefore(Number(position.time)) : position.after;
}

/** Cuts a range with an end into parts of equal time. */
function divide(range: Progress, parts: number): Progress[] {
  const { after, through, bytes } = range.at;
  if (through === null || parts <= 1) return [range];
  const from = millisOf(after);
  const width = millisOf(through) - from;
  const cuts: string[] = [after];
  for (let part = 1; part < parts; part++) {
    const cut = lastIdBefore(from + (width * BigInt(part)) / BigInt(parts));
    if (compareIds(cut, cuts[cuts.length - 1]) > 0 && compareIds(cut, through) < 0) cuts.push(cut);
  }
  const share = Math.ceil(bytes / cuts.length);
  return cuts.map((cut, i) => ({ at: { after: cut, through: cuts[i + 1] ?? through, bytes: share }, over: false }));
}
