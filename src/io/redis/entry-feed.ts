import type { RedisCommands } from './redis-client.ts';
import { type ReadEntries, readCommands, readEntries } from './stream-commands.ts';
import type { TakenEntries } from './taken-entries.ts';

/** To be called when entries that were taken are durable. */
export type Acknowledgement = () => Promise<void>;

/** Where the entries of one stream come from. */
export interface EntryFeed {
  /** What comes behind an id, or next of a group, in the order of the ids; none when there is nothing. The same comes again until it is taken. */
  next(after: string, count: number): Promise<ReadEntries>;
  /** What came last belongs to the caller. */
  take(): Acknowledgement | undefined;
  /** What a checkpoint is to hold of a group when what came last is taken. */
  taken?(): TakenEntries;
}

/** All entries, by their ids. */
export class StreamFeed implements EntryFeed {
  readonly #client: RedisCommands;
  readonly #stream: string;

  constructor(client: RedisCommands, stream: string) {
    this.#client = client;
    this.#stream = stream;
  }

  async next(after: string, count: number): Promise<ReadEntries> {
    const replies = await this.#client.ask(readCommands(this.#stream, after, count), `read ${this.#stream}`);
    return readEntries(this.#stream, replies);
  }

  take(): undefined {}
}
