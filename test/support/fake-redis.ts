/** One stream with one group in memory, as far as it is read: what a Redis server would answer, and what may go wrong. */
import { compareIds, FIRST_ID } from '../../src/io/redis/entry-id.ts';
import type { RedisCommand, RedisReply } from '../../src/io/redis/redis-client.ts';

/** What happens to the next command: it does not arrive, or its answer does not. */
export type Fault = 'lostCommand' | 'lostAnswer';

export class FakeRedis {
  /** Of the stream, in the order of their ids. */
  readonly #entries: { readonly id: string; readonly n: number }[] = [];
  #delivered: string | undefined;
  /** Consumers by the ids on their lists. */
  readonly #lists = new Map<string, string>();
  #millis = 1_700_000_000_000;
  #sequence = 0;
  /** For the next command that is not repeated when it is lost. */
  readFault: Fault | undefined;
  /** For the next acknowledgement, of a client that has given up. */
  acknowledgeFault: Fault | undefined;

  add(n: number, isLater: boolean): string {
    if (isLater) this.#millis += 7;
    const id = `${this.#millis}-${this.#sequence++}`;
    this.#entries.push({ id, n });
    return id;
  }

  delete(id: string): void {
    const at = this.#entries.findIndex((entry) => entry.id === id);
    if (at >= 0) this.#entries.splice(at, 1);
  }

  /** The ids on a consumer's list. */
  listOf(consumer: string): string[] {
    return [...this.#lists].filter(([, owner]) => owner === consumer).map(([id]) => id);
  }

  /** XCLAIM: entries that are on any list go to a consumer's. */
  claim(consumer: string, ids: readonly string[]): void {
    for (const id of ids) if (this.#lists.has(id)) this.#lists.set(id, consumer);
  }

  /** XREADGROUP with `>`, of a consumer that never acknowledges. */
  give(consumer: string, count: number): void {
    this.#delivered ??= FIRST_ID;
    this.#new(consumer, count);
  }

  async ask(commands: readonly RedisCommand[]): Promise<RedisReply[]> {
    const fault = commands[0][0] === 'XACK' ? this.acknowledgeFault : undefined;
    if (fault === undefined) return commands.map((command) => this.#run(command));
    this.acknowledgeFault = undefined;
    if (fault === 'lostAnswer') for (const command of commands) this.#run(command);
    throw new Error('The server is away');
  }

  async tryOnce(commands: readonly RedisCommand[]): Promise<RedisReply[] | undefined> {
    const fault = this.readFault;
    this.readFault = undefined;
    if (fault === 'lostCommand') return undefined;
    const replies = commands.map((command) => this.#run(command));
    return fault === 'lostAnswer' ? undefined : replies;
  }

  async close(): Promise<void> {}

  #run(command: RedisCommand): RedisReply {
    const [name, ...rest] = command.map(String);
    if (name === 'TIME') return [Buffer.from(String(Math.floor(this.#millis / 1000))), Buffer.from('0')];
    if (name === 'XGROUP') {
      this.#delivered ??= rest[3];
      return Buffer.from('OK');
    }
    if (name === 'XACK') return rest.slice(2).filter((id) => this.#lists.delete(id)).length;
    if (name !== 'XREADGROUP') throw new Error(`Nobody has asked for ${name} so far`);
    const [consumer, count, stream, after] = [rest[2], Number(rest[4]), rest[6], rest[7]];
    const found = after === '>' ? this.#new(consumer, count) : this.#listed(consumer, after, count);
    return found.length === 0 && after === '>' ? null : [[Buffer.from(stream), found]];
  }

  #new(consumer: string, count: number): RedisReply[] {
    const behind = this.#entries.filter(({ id }) => compareIds(id, this.#delivered as string) > 0).slice(0, count);
    for (const { id } of behind) {
      this.#delivered = id;
      this.#lists.set(id, consumer);
    }
    return behind.map(replyOf);
  }

  #listed(consumer: string, after: string, count: number): RedisReply[] {
    const ids = this.listOf(consumer).filter((id) => compareIds(id, after) > 0);
    return ids
      .sort(compareIds)
      .slice(0, count)
      .map((id) => {
        const entry = this.#entries.find((each) => each.id === id);
        return entry === undefined ? [Buffer.from(id), null] : replyOf(entry);
      });
  }
}

function replyOf({ id, n }: { readonly id: string; readonly n: number }): RedisReply {
  return [Buffer.from(id), [Buffer.from('n'), Buffer.from(String(n))]];
}
