import { compareIds, FIRST_ID } from './entry-id.ts';
import type { RedisClient } from './redis-client.ts';
import { createGroup, groupCommands, type ReadEntries, readCommands, readEntries } from './stream-commands.ts';

/** Where the entries of one stream come from, in the order of their ids. */
export interface EntryFeed {
  /** What comes behind an id, none when there is nothing. The same comes again until it is taken. */
  next(after: string, count: number): Promise<ReadEntries>;
  /** What came last belongs to the caller. */
  take(): void;
  /** Entries that were taken, by their ids, are durable. */
  acknowledge?(ids: readonly string[]): Promise<void>;
}

/** A consumer of a group. */
export interface RedisGroup {
  /** The group; it is made where there is none. */
  readonly name: string;
  /** This pipeline among those that share the group; the same after every restart. */
  readonly consumer: string;
}

/** All entries, by their ids. */
export class StreamFeed implements EntryFeed {
  readonly #client: RedisClient;
  readonly #stream: string;

  constructor(client: RedisClient, stream: string) {
    this.#client = client;
    this.#stream = stream;
  }

  async next(after: string, count: number): Promise<ReadEntries> {
    const replies = await this.#client.ask(readCommands(this.#stream, after, count), `read ${this.#stream}`);
    return readEntries(this.#stream, replies);
  }

  take(): void {}
}

/**
 * The entries that a group gives this consumer. First those that it was given before and has not acknowledged: what is
 * part of the checkpoint is acknowledged now, what is not comes again.
 */
export class GroupFeed implements EntryFeed {
  readonly #client: RedisClient;
  readonly #stream: string;
  readonly #group: RedisGroup;
  readonly #start: string;
  /** Whether all that this consumer was given has arrived. An answer that got lost is found on its list. */
  #complete = false;
  #created = false;
  #seen = FIRST_ID;
  #offered: ReadEntries | undefined;

  /** @param start id behind which a group that is made begins */
  constructor(client: RedisClient, stream: string, group: RedisGroup, start: string) {
    this.#client = client;
    this.#stream = stream;
    this.#group = group;
    this.#start = start;
  }

  async next(after: string, count: number): Promise<ReadEntries> {
    this.#offered ??= await this.#read(after, count);
    return this.#offered;
  }

  take(): void {
    this.#offered = undefined;
  }

  async acknowledge(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.#client.ask(
      [['XACK', this.#stream, this.#group.name, ...ids]],
      `acknowledge entries of ${this.#stream}`,
    );
  }

  async #read(after: string, count: number): Promise<ReadEntries> {
    if (!this.#created) await createGroup(this.#client, this.#stream, this.#group.name, this.#start);
    this.#created = true;
    for (;;) {
      if (!this.#complete) {
        const listed = await this.#readListed(after, count);
        if (listed !== undefined) return listed;
      }
      const commands = groupCommands(this.#stream, this.#group, '>', count);
      const replies = await this.#client.tryOnce(commands, `read ${this.#stream} as ${this.#group.name}`);
      if (replies === undefined) {
        this.#complete = false;
        continue;
      }
      return this.#see(readEntries(this.#stream, replies));
    }
  }

  /** What is on this consumer's list and was not seen; `undefined` when that was all. */
  async #readListed(after: string, count: number): Promise<ReadEntries | undefined> {
    for (;;) {
      const commands = groupCommands(this.#stream, this.#group, this.#seen, count);
      const replies = await this.#client.ask(commands, `read ${this.#stream} as ${this.#group.name}`);
      const listed = this.#see(readEntries(this.#stream, replies));
      const entries = listed.entries.filter(({ id }) => compareIds(id, after) > 0);
      const settled = listed.entries.filter(({ id }) => compareIds(id, after) <= 0).map(({ id }) => id);
      await this.acknowledge([...settled, ...listed.deleted]);
      if (listed.entries.length === 0 && listed.deleted.length === 0) {
        this.#complete = true;
        return undefined;
      }
      if (entries.length > 0) return { ...listed, entries };
    }
  }

  #see(read: ReadEntries): ReadEntries {
    for (const id of [read.entries.at(-1)?.id, read.deleted.at(-1)]) {
      if (id !== undefined && compareIds(id, this.#seen) > 0) this.#seen = id;
    }
    return read;
  }
}
