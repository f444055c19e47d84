import type { Acknowledgement, EntryFeed } from './entry-feed.ts';
import { compareIds, FIRST_ID } from './entry-id.ts';
import { packIds, unpackIds } from './packed-ids.ts';
import type { RedisCommands } from './redis-client.ts';
import { createGroup, groupCommands, type ReadEntries, readEntries } from './stream-commands.ts';
import { type TakenEntries, TakenLedger } from './taken-entries.ts';

/** Ids that are acknowledged by one command. */
const IDS_PER_COMMAND = 10_000;

/** A consumer of a group. */
export interface RedisGroup {
  /** The group; it is made where there is none. */
  readonly name: string;
  /** This pipeline among those that share the group; the same after every restart. */
  readonly consumer: string;
}

/** What was offered, and its ids as checkpoints have them. */
interface Offered {
  readonly read: ReadEntries;
  readonly packed: string;
}

/**
 * The entries that a group gives this consumer. First those that are on its list: what the checkpoint says to have been taken
 * is acknowledged, all else comes, whether it was given to this consumer before or claimed for it since.
 */
export class GroupFeed implements EntryFeed {
  readonly #client: RedisCommands;
  readonly #stream: string;
  readonly #group: RedisGroup;
  readonly #start: string;
  readonly #durable: string;
  /** From this feed. */
  readonly #taken = new TakenLedger();
  /** Whether all that this consumer was given has arrived. An answer that got lost is found on its list. */
  #complete = false;
  #begun = false;
  #seen = FIRST_ID;
  #offered: Offered | undefined;

  /**
   * @param start id behind which a group that is made begins
   * @param durable what the checkpoint holds that this feed goes on from
   */
  constructor(client: RedisCommands, stream: string, group: RedisGroup, start: string, durable?: TakenEntries) {
    this.#client = client;
    this.#stream = stream;
    this.#group = group;
    this.#start = start;
    this.#durable = durable?.group === group.name ? durable.ids : '';
  }

  async next(_: string, count: number): Promise<ReadEntries> {
    if (this.#offered === undefined) {
      const read = await this.#read(count);
      this.#offered = { read, packed: packIds(read.entries.map(({ id }) => id)) };
    }
    return this.#offered.read;
  }

  taken(): TakenEntries {
    return { group: this.#group.name, ids: this.#taken.text + (this.#offered?.packed ?? '') };
  }

  take(): Acknowledgement | undefined {
    const packed = this.#offered?.packed ?? '';
    this.#offered = undefined;
    return packed === '' ? undefined : this.#acknowledgement(this.#taken.add(packed));
  }

  /** Also of what was taken before: it is part of the same commit, or of an earlier one that nobody was told of. */
  #acknowledgement(end: number): Acknowledgement {
    return async () => {
      await this.#acknowledge(unpackIds(this.#taken.until(end)));
      // Not before: until the server has forgotten them, checkpoints have to remember them.
      this.#taken.settle(end);
    };
  }

  async #acknowledge(ids: readonly string[]): Promise<void> {
    for (let from = 0; from < ids.length; from += IDS_PER_COMMAND) {
      const some = ids.slice(from, from + IDS_PER_COMMAND);
      await this.#client.ask(
        [['XACK', this.#stream, this.#group.name, ...some]],
        `acknowledge entries of ${this.#stream}`,
      );
    }
  }

  async #read(count: number): Promise<ReadEntries> {
    if (!this.#begun) await this.#begin();
    for (;;) {
      if (!this.#complete) {
        const listed = await this.#readListed(count);
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

  async #begin(): Promise<void> {
    await createGroup(this.#client, this.#stream, this.#group.name, this.#start);
    // Also what was claimed for another consumer meanwhile: it must not process what has been processed.
    await this.#acknowledge(unpackIds(this.#durable));
    this.#begun = true;
  }

  /** What is on this consumer's list and was not seen; `undefined` when that was all. */
  async #readListed(count: number): Promise<ReadEntries | undefined> {
    for (;;) {
      const commands = groupCommands(this.#stream, this.#group, this.#seen, count);
      const replies = await this.#client.ask(commands, `read ${this.#stream} as ${this.#group.name}`);
      const listed = this.#see(readEntries(this.#stream, replies));
      await this.#acknowledge(listed.deleted);
      if (listed.entries.length > 0) return listed;
      if (listed.deleted.length === 0) {
        this.#complete = true;
        return undefined;
      }
    }
  }

  #see(read: ReadEntries): ReadEntries {
    for (const id of [read.entries.at(-1)?.id, read.deleted.at(-1)]) {
      if (id !== undefined && compareIds(id, this.#seen) > 0) this.#seen = id;
    }
    return read;
  }
}
