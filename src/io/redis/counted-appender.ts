import type { Numbered, NumberedWriter } from '../write-once.ts';
import { RedisClient } from './redis-client.ts';
import type { RedisConnection } from './redis-connection.ts';
import { argumentsOf, BATCH_BYTES, BATCH_ENTRIES, type PlainFields, sizeOf } from './stream-message.ts';

/** What a {@link CountedAppender} writes to. */
export interface CountedAppenderOptions {
  readonly connection: RedisConnection;
  readonly stream: string;
  readonly maxLength?: number;
}

/**
 * Adds numbered entries that the stream does not have, and notes the number of the next one: the server runs it as one
 * step. Arguments: writer, number of the first entry, length to trim to or nothing, then each entry's count of names and
 * values and these themselves. A writer that begins with its first entry takes the place of what was before.
 */
const APPEND = `
local stored = redis.call('HMGET', KEYS[2], 'writer', 'next')
local number = tonumber(ARGV[2])
local next = 0
if stored[1] == ARGV[1] then
  next = tonumber(stored[2])
elseif number > 0 then
  return redis.error_reply('FENCED another pipeline has written under this name since the checkpoint, or its counter is gone')
end
local failure
local at = 4
while at <= #ARGV and not failure do
  local last = at + tonumber(ARGV[at])
  if number >= next then
    local reply
    if ARGV[3] == '' then
      reply = redis.pcall('XADD', KEYS[1], '*', unpack(ARGV, at + 1, last))
    else
      reply = redis.pcall('XADD', KEYS[1], 'MAXLEN', '~', ARGV[3], '*', unpack(ARGV, at + 1, last))
    end
    if type(reply) == 'table' and reply.err then failure = reply end
  end
  if not failure then number = number + 1 end
  at = last + 1
end
if number > next then redis.call('HSET', KEYS[2], 'writer', ARGV[1], 'next', string.format('%.0f', number)) end
return failure or number
`;

/** Writes the entries of one sink, each once, in batches. */
export class CountedAppender implements NumberedWriter<PlainFields> {
  readonly #options: CountedAppenderOptions;
  readonly #counter: string;
  readonly #client: RedisClient;
  #batch: Numbered<PlainFields>[] = [];
  #bytes = 0;

  /** @param name of the sink */
  constructor(options: CountedAppenderOptions, name: string) {
    this.#options = options;
    this.#counter = `{${options.stream}}:millrace:${name}`;
    this.#client = new RedisClient(options.connection);
  }

  write(numbered: Numbered<PlainFields>): Promise<void> | undefined {
    const expected = this.#batch.length === 0 ? numbered.number : this.#batch[0].number + this.#batch.length;
    if (numbered.number !== expected) {
      throw new Error(`Entry ${numbered.number} of the sink came when ${expected} was expected`);
    }
    this.#batch.push(numbered);
    this.#bytes += sizeOf(numbered.message);
    return this.#batch.length >= BATCH_ENTRIES || this.#bytes >= BATCH_BYTES ? this.commit() : undefined;
  }

  async commit(): Promise<void> {
    const batch = this.#batch;
    if (batch.length === 0) return;
    this.#batch = [];
    this.#bytes = 0;
    const { stream, maxLength } = this.#options;
    const [{ writer, number }] = batch;
    const entries = batch.flatMap(({ message }) => [String(message.length), ...argumentsOf(message)]);
    const head = ['EVAL', APPEND, '2', stream, this.#counter, writer, String(number), String(maxLength ?? '')];
    await this.#client.ask([[...head, ...entries]], `write to ${stream}`);
  }

  async close(): Promise<void> {
    await this.#client.close();
  }
}
