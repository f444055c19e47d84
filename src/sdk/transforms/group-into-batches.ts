import { ByteWriter } from '../coders/byte-writer.ts';
import type { Coder } from '../coders/coder.ts';
import { PipelineError } from '../errors.ts';
import type { PCollection } from '../pipeline/p-collection.ts';
import { type PTransform, transform } from '../pipeline/p-transform.ts';
import { state } from '../state/state.ts';
import type { BagState, ValueState } from '../state/state-handles.ts';
import type { StateHandles, StateSpec, StateSpecs } from '../state/state-spec.ts';
import { type Timer, type TimerSpec, type TimerSpecs, timer } from '../state/timer.ts';
import type { Key, KV } from '../values.ts';
import { type Duration, durationMillis } from '../windows/timestamp.ts';
import type { Window } from '../windows/window.ts';
import { checkBatchSize } from './batch-elements.ts';
import type { DoFn } from './do-fn.ts';
import { flatMap, map } from './element-wise.ts';
import { GroupByKey, settleKvCoder } from './group-by-key.ts';
import { parDo } from './par-do.ts';

/** When a batch is full. */
export interface GroupIntoBatchesOptions {
  /** Most values of a batch; default no limit but `maxBytes`. */
  readonly size?: number;
  /** A batch is given out when its values, encoded, take so many bytes. */
  readonly maxBytes?: number;
  /** A batch is given out at the latest so long, in processing time, after its first value came; on unbounded input. */
  readonly maxBufferingDuration?: Duration;
  /** Divides the values of each key over so many batches that are filled side by side, for keys that get very many. */
  readonly shards?: number;
}

const MAX_SHARDS = 10_000;
const NO_LIMIT = Number.POSITIVE_INFINITY;

/**
 * The values of each key and window in arrays of `size` values; the last one of a key may be shorter (Beam's
 * GroupIntoBatches). Unlike `batchElements` it gathers values from all bundles, by a shuffle; on unbounded input, in state.
 *
 * @throws PipelineError `BATCH_INVALID` when the size is not an integer from 1 to 10,000,000, or nothing limits a batch
 */
export function groupIntoBatches<K extends Key, V, W extends Window>(
  options: number | GroupIntoBatchesOptions,
): PTransform<PCollection<KV<K, V>, W>, PCollection<KV<K, readonly V[]>, W>> {
  const { shards = 1, ...limits } = typeof options === 'number' ? { size: options } : options;
  const { size, maxBytes, maxBufferingDuration } = limits;
  if (size !== undefined) checkBatchSize(size);
  if (size === undefined && maxBytes === undefined) {
    throw new PipelineError(
      'BATCH_INVALID',
      'groupIntoBatches() needs a size or maxBytes, or batches would never be full',
    );
  }
  if (maxBytes !== undefined && !(Number.isSafeInteger(maxBytes) && maxBytes > 0)) {
    throw new PipelineError('BATCH_INVALID', `A batch cannot have ${maxBytes} bytes`);
  }
  if (!Number.isInteger(shards) || shards < 1 || shards > MAX_SHARDS) {
    throw new PipelineError('BATCH_INVALID', `A key has 1 to ${MAX_SHARDS} shards, not ${shards}`);
  }
  if (maxBufferingDuration !== undefined) durationMillis(maxBufferingDuration);
  return transform('GroupIntoBatches', (input: PCollection<KV<K, V>, W>) =>
    shards === 1 ? batched(input, limits) : sharded(input, limits, shards),
  );
}

type Limits = Omit<GroupIntoBatchesOptions, 'shards'>;

function batched<K extends Key, V, W extends Window>(
  input: PCollection<KV<K, V>, W>,
  limits: Limits,
): PCollection<KV<K, readonly V[]>, W> {
  const [, coder] = settleKvCoder(input.node, 'GroupIntoBatches');
  const full = new Fullness<V>(limits, coder as Coder<V>);
  if (!input.node.bounded)
    return input.apply(
      parDo<KV<K, V>, KV<K, readonly V[]>, {}, {}, W, BatchState<V>, BatchTimers>(
        'Batches',
        stateful(full, limits.maxBufferingDuration),
      ),
    ) as PCollection<KV<K, readonly V[]>, W>;
  return input
    .apply(new GroupByKey<K, V, W>())
    .apply(flatMap<KV<K, Iterable<V>>, KV<K, readonly V[]>, W>('Batches', ([key, group]) => cut(key, group, full)));
}

/** Each value goes to the shard whose turn it is; which one does not matter, so a retry may choose another. */
function sharded<K extends Key, V, W extends Window>(
  input: PCollection<KV<K, V>, W>,
  limits: Limits,
  shards: number,
): PCollection<KV<K, readonly V[]>, W> {
  let turn = 0;
  const spread = input.apply(
    map<KV<K, V>, KV<readonly [K, number], V>, W>('Shard', ([key, value]) => [[key, turn++ % shards], value]),
  );
  return batched<readonly [K, number], V, W>(spread, limits).apply(
    map<KV<readonly [K, number], readonly V[]>, KV<K, readonly V[]>, W>('Unshard', ([[key], values]) => [key, values]),
  );
}

/** Says when a batch is full. */
class Fullness<V> {
  readonly size: number;
  readonly bytes: number;
  readonly #coder: Coder<V>;
  readonly #scratch = new ByteWriter(256);

  constructor({ size = NO_LIMIT, maxBytes = NO_LIMIT }: Limits, coder: Coder<V>) {
    this.size = size;
    this.bytes = maxBytes;
    this.#coder = coder;
  }

  /** Bytes of a value, if anybody asks for bytes. */
  bytesOf(value: V): number {
    if (this.bytes === NO_LIMIT) return 0;
    this.#scratch.clear();
    this.#coder.encode(value, this.#scratch, true);
    return this.#scratch.length;
  }
}

function* cut<K, V>(key: K, group: Iterable<V>, full: Fullness<V>): Generator<KV<K, readonly V[]>> {
  let batch: V[] = [];
  let bytes = 0;
  for (const value of group) {
    batch.push(value);
    bytes += full.bytesOf(value);
    if (batch.length < full.size && bytes < full.bytes) continue;
    yield [key, batch];
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield [key, batch];
}

interface Filled {
  readonly count: number;
  readonly bytes: number;
}

interface BatchState<V> extends StateSpecs {
  readonly values: StateSpec<BagState<V>>;
  readonly filled: StateSpec<ValueState<Filled>>;
}
interface BatchTimers extends TimerSpecs {
  readonly waited: TimerSpec<Timer>;
}

function stateful<K extends Key, V, W extends Window>(
  full: Fullness<V>,
  buffering: Duration | undefined,
): DoFn<KV<K, V>, KV<K, readonly V[]>, {}, {}, W, BatchState<V>, BatchTimers> {
  return {
    state: { values: state.bag<V>(), filled: state.value<Filled>() },
    timers: { waited: timer.processingTime() },
    process([key, value], { state, timers, timestamp }) {
      const before = state.filled.read() ?? { count: 0, bytes: 0 };
      const filled = { count: before.count + 1, bytes: before.bytes + full.bytesOf(value) };
      state.values.add(value);
      state.filled.write(filled);
      if (filled.count >= full.size || filled.bytes >= full.bytes) {
        timers.waited.clear();
        return take(key, state);
      }
      if (filled.count === 1 && buffering !== undefined) {
        timers.waited.setRelative(buffering, { outputTimestamp: timestamp });
      }
      return [];
    },
    onTimer: { waited: (key, { state }) => take(key as K, state) },
    onWindowExpiration: (key, { state }) => take(key as K, state),
  };
}

function take<K, V>(key: K, state: StateHandles<BatchState<V>>): KV<K, readonly V[]>[] {
  const batch = [...state.values.read()];
  state.values.clear();
  state.filled.clear();
  return batch.length === 0 ? [] : [[key, batch]];
}
