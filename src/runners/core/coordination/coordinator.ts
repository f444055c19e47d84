import { RunnerError } from '../../../sdk/errors.ts';
import { type MetricCells, mergeCells } from '../../../sdk/metrics/metric-cells.ts';
import type { JobProgress, StageProgress } from '../../../sdk/pipeline/pipeline-result.ts';
import type { Channel, ExecutionPlan, Stage } from '../plan/execution-plan.ts';
import type {
  BundleSource,
  ChannelOutput,
  FromWorker,
  Part,
  PlainError,
  RestrictionSplit,
  ToWorker,
} from './messages.ts';
import { reviveError } from './plain-error.ts';

export interface CoordinatorOptions {
  /** Attempts of a bundle before the job fails. */
  readonly maxAttempts: number;
  /** Bytes of channel contents that may stay in memory. */
  readonly memory: number;
  /** A bundle unheard of for so long is sent again, in case the message was lost. */
  readonly resendMillis: number;
}

/** The outside world, as the coordinator is given it. */
export interface CoordinatorEnvironment {
  now(): number;
  send(worker: string, message: ToWorker): void;
  /** Removes what an attempt left on disk; called for attempts that failed or came too late. */
  discardAttempt(bundle: number, attempt: number): void;
  /** Removes the files of parts that nobody will read any more. */
  discardParts(files: readonly string[]): void;
  /** The job has ended; called once. */
  ended(outcome: JobOutcome): void;
}

export interface JobOutcome {
  readonly state: 'DONE' | 'FAILED' | 'CANCELLED';
  readonly error?: Error;
}

/** Sums over all committed bundles. */
export interface JobCounts {
  /** Elements per collection. */
  readonly elements: Readonly<Record<string, number>>;
  /** Bytes per channel. */
  readonly bytes: ReadonlyMap<number, number>;
  readonly metrics: Readonly<Record<string, MetricCells>>;
}

interface Bundle {
  readonly id: number;
  readonly stage: number;
  source: BundleSource;
  readonly size: number;
  attempt: number;
  /** Of the latest assignment. */
  sequence: number;
  state: 'pending' | 'running' | 'done';
  worker: string | undefined;
  sentAt: number;
  /** Splits of the running attempt that are accounted for. */
  splits: number;
  splitAskedAt: number;
}

interface StageState {
  readonly stage: Stage;
  state: 'waiting' | 'running' | 'done';
  readonly bundles: Bundle[];
  done: number;
  elements: number;
  bytes: number;
}

/** Most bundles a stored collection is cut into per worker: enough to balance, few enough to be cheap. */
const BUNDLES_PER_WORKER = 4;
/** A running bundle is asked for a split at most this often. */
const SPLIT_INTERVAL_MILLIS = 50;

/**
 * Decides which bundle runs where, keeps what was committed, retries what failed. It reacts to messages and ticks and
 * touches neither threads nor clock nor disk, so that a simulation can drive it through any order of events. Every
 * message may be lost, late or repeated: an output counts only if its attempt is the bundle's current one.
 */
export class Coordinator {
  readonly #options: CoordinatorOptions;
  readonly #environment: CoordinatorEnvironment;
  readonly #stages: StageState[];
  readonly #channels: readonly Channel[];
  readonly #outputs = new Map<number, ChannelOutput[]>();
  readonly #bundles: Bundle[] = [];
  readonly #pending: Bundle[] = [];
  /** Workers and the bundle each is at, if any. */
  readonly #workers = new Map<string, Bundle | undefined>();
  readonly #startedAt: number;
  #memory = 0;
  #assignments = 0;
  #outcome: JobOutcome | undefined;
  readonly #elements: Record<string, number> = {};
  readonly #metrics: Record<string, MetricCells> = {};
  readonly #bytes = new Map<number, number>();

  constructor(plan: ExecutionPlan, options: CoordinatorOptions, environment: CoordinatorEnvironment) {
    this.#options = options;
    this.#environment = environment;
    this.#channels = plan.channels;
    this.#startedAt = environment.now();
    this.#stages = plan.stages.map((stage) => ({
      stage,
      state: 'waiting',
      bundles: [],
      done: 0,
      elements: 0,
      bytes: 0,
    }));
  }

  /** Begins; workers may join before and after. */
  start(): void {
    this.#advance();
  }

  addWorker(worker: string): void {
    if (this.#workers.has(worker)) return;
    this.#workers.set(worker, undefined);
    this.#assign();
  }

  /** The worker is gone with everything it had not committed. */
  removeWorker(worker: string, error: PlainError): void {
    const bundle = this.#workers.get(worker);
    this.#workers.delete(worker);
    if (bundle !== undefined && bundle.state === 'running') this.#failed(bundle, error);
  }

  receive(worker: string, message: FromWorker): void {
    if (this.#outcome !== undefined) return;
    const bundle = this.#bundles[message.bundle];
    const current = bundle?.state === 'running' && bundle.attempt === message.attempt && bundle.worker === worker;
    if (!current) {
      // A repeated message of the committed attempt must not take its files away.
      if (message.type === 'done' && bundle?.attempt !== message.attempt) {
        this.#environment.discardAttempt(message.bundle, message.attempt);
      }
      return;
    }
    if (message.type === 'split') this.#accept(bundle, message.split);
    else {
      this.#workers.set(worker, undefined);
      if (message.type === 'failed') this.#failed(bundle, message.error);
      else {
        for (const split of message.splits) this.#accept(bundle, split);
        this.#commit(bundle, message.outputs);
        this.#count(message);
      }
    }
    this.#advance();
  }

  /** To be called now and then: repeats messages that may be lost, and asks for splits. */
  tick(): void {
    if (this.#outcome !== undefined) return;
    const now = this.#environment.now();
    for (const [worker, bundle] of this.#workers) {
      if (bundle !== undefined && now - bundle.sentAt >= this.#options.resendMillis) this.#send(worker, bundle);
    }
    this.#assign();
  }

  cancel(reason: string): void {
    this.#end({ state: 'CANCELLED', error: new RunnerError('CANCELLED', `The job was cancelled: ${reason}`) });
  }

  /** Ends the job because the runner itself cannot go on. */
  abort(error: Error): void {
    this.#end({ state: 'FAILED', error });
  }

  get counts(): JobCounts {
    return { elements: this.#elements, bytes: this.#bytes, metrics: this.#metrics };
  }

  /** `share` tells how far the bundle of a worker is, 0 to 1. */
  progress(share: (worker: string) => number = () => 0): JobProgress {
    return {
      state: this.#outcome?.state ?? 'RUNNING',
      elapsedMillis: this.#environment.now() - this.#startedAt,
      stages: this.#stages.map((state): StageProgress => {
        let total = 0;
        let done = 0;
        for (const bundle of state.bundles) {
          total += bundle.size;
          if (bundle.state === 'done') done += bundle.size;
          else if (bundle.state === 'running' && bundle.worker !== undefined)
            done += bundle.size * share(bundle.worker);
        }
        return {
          name: state.stage.name,
          state: state.state,
          fraction: state.state === 'done' ? 1 : total === 0 ? 0 : done / total,
          elements: state.elements,
          bytes: state.bytes,
          bundlesDone: state.done,
          bundlesTotal: state.bundles.length,
        };
      }),
    };
  }

  /** Starts stages whose inputs are complete, hands out work, and notices the end. */
  #advance(): void {
    for (let changed = true; changed && this.#outcome === undefined; ) {
      changed = false;
      for (const state of this.#stages) {
        if (state.state === 'waiting' && state.stage.after.every((id) => this.#stages[id].state === 'done')) {
          state.state = 'running';
          this.#createBundles(state);
          changed = true;
        }
        if (state.state === 'running' && state.done === state.bundles.length) {
          state.state = 'done';
          this.#release(state.stage);
          changed = true;
        }
      }
    }
    if (this.#outcome === undefined && this.#stages.every(({ state }) => state === 'done'))
      this.#end({ state: 'DONE' });
    this.#assign();
  }

  #createBundles(state: StageState): void {
    const { input } = state.stage;
    if (input.kind === 'impulse') return this.#add(state, { kind: 'impulse' }, 1);
    const channel = this.#channels[input.channel];
    const outputs = this.#outputs.get(channel.id) ?? [];
    if (channel.kind === 'group' || channel.kind === 'combine') return this.#addPartitions(state, outputs);
    if (channel.kind === 'blocks') return this.#addBlocks(state, outputs);
    for (const { parts, sizes } of outputs) {
      for (const [i, part] of parts.entries()) this.#add(state, { kind: 'restriction', part }, sizes[i]);
    }
  }

  #addPartitions(state: StageState, outputs: readonly ChannelOutput[]): void {
    const parts = outputs.flatMap((output) => output.parts);
    const sizes: number[] = [];
    for (const { partitionBytes = [] } of outputs) {
      partitionBytes.forEach((bytes, partition) => {
        sizes[partition] = (sizes[partition] ?? 0) + bytes;
      });
    }
    sizes.forEach((size, partition) => {
      if (size > 0) this.#add(state, { kind: 'partition', partition, parts }, size);
    });
  }

  #addBlocks(state: StageState, outputs: readonly ChannelOutput[]): void {
    const parts = outputs.flatMap((output) => output.parts.map((part, i) => ({ part, size: output.sizes[i] })));
    const total = parts.reduce((sum, { size }) => sum + size, 0);
    const target = total / (BUNDLES_PER_WORKER * Math.max(1, this.#workers.size));
    let batch: Part[] = [];
    let bytes = 0;
    for (const { part, size } of parts) {
      batch.push(part);
      bytes += size;
      if (bytes >= target) {
        this.#add(state, { kind: 'blocks', parts: batch }, bytes);
        batch = [];
        bytes = 0;
      }
    }
    if (batch.length > 0) this.#add(state, { kind: 'blocks', parts: batch }, bytes);
  }

  #add(state: StageState, source: BundleSource, size: number): void {
    const bundle: Bundle = {
      id: this.#bundles.length,
      stage: state.stage.id,
      source,
      size,
      attempt: 0,
      sequence: 0,
      state: 'pending',
      worker: undefined,
      sentAt: 0,
      splits: 0,
      splitAskedAt: Number.NEGATIVE_INFINITY,
    };
    this.#bundles.push(bundle);
    state.bundles.push(bundle);
    this.#pending.push(bundle);
  }

  #assign(): void {
    if (this.#outcome !== undefined) return;
    for (const [worker, busy] of this.#workers) {
      if (busy !== undefined) continue;
      const bundle = this.#pending.shift();
      if (bundle === undefined) {
        this.#askForSplit();
        return;
      }
      bundle.state = 'running';
      bundle.attempt++;
      bundle.sequence = ++this.#assignments;
      bundle.worker = worker;
      bundle.splits = 0;
      this.#workers.set(worker, bundle);
      this.#send(worker, bundle);
    }
  }

  #send(worker: string, bundle: Bundle): void {
    const { stage } = this.#stages[bundle.stage];
    const sides: Record<number, readonly Part[]> = {};
    for (const { channel } of stage.sides) {
      sides[channel] = (this.#outputs.get(channel) ?? []).flatMap((output) => output.parts);
    }
    bundle.sentAt = this.#environment.now();
    this.#environment.send(worker, {
      type: 'run',
      work: {
        sequence: bundle.sequence,
        bundle: bundle.id,
        attempt: bundle.attempt,
        stage: bundle.stage,
        source: bundle.source,
        sides,
        memoryAllowance: Math.max(0, this.#options.memory - this.#memory) / Math.max(1, this.#workers.size),
      },
    });
  }

  /** A worker is idle and nothing waits: takes work from the restriction that has run longest. */
  #askForSplit(): void {
    const now = this.#environment.now();
    let longest: Bundle | undefined;
    for (const bundle of this.#workers.values()) {
      if (bundle?.source.kind !== 'restriction' || now - bundle.splitAskedAt < SPLIT_INTERVAL_MILLIS) continue;
      if (longest === undefined || bundle.sentAt < longest.sentAt) longest = bundle;
    }
    if (longest?.worker === undefined) return;
    longest.splitAskedAt = now;
    this.#environment.send(longest.worker, {
      type: 'split',
      bundle: longest.id,
      attempt: longest.attempt,
      fraction: 0.5,
    });
  }

  #accept(bundle: Bundle, split: RestrictionSplit): void {
    if (split.index !== bundle.splits) return;
    bundle.splits++;
    bundle.source = { kind: 'restriction', part: split.primary };
    this.#add(this.#stages[bundle.stage], { kind: 'restriction', part: split.residual }, split.residualSize);
  }

  #commit(bundle: Bundle, outputs: readonly ChannelOutput[]): void {
    const state = this.#stages[bundle.stage];
    bundle.state = 'done';
    state.done++;
    for (const output of outputs) {
      const list = this.#outputs.get(output.channel);
      if (list === undefined) this.#outputs.set(output.channel, [output]);
      else list.push(output);
      this.#memory += output.memoryBytes;
      this.#bytes.set(output.channel, (this.#bytes.get(output.channel) ?? 0) + output.bytes);
      state.bytes += output.bytes;
    }
  }

  #count({ bundle, counts }: Extract<FromWorker, { type: 'done' }>): void {
    const state = this.#stages[this.#bundles[bundle].stage];
    state.elements += counts.elements[state.stage.root] ?? 0;
    for (const [collection, count] of Object.entries(counts.elements)) {
      this.#elements[collection] = (this.#elements[collection] ?? 0) + count;
    }
    for (const [transform, cells] of Object.entries(counts.metrics)) {
      this.#metrics[transform] ??= {};
      mergeCells(this.#metrics[transform], cells);
    }
  }

  #failed(bundle: Bundle, error: PlainError): void {
    this.#environment.discardAttempt(bundle.id, bundle.attempt);
    bundle.state = 'pending';
    bundle.worker = undefined;
    if (error.fatal || bundle.attempt >= this.#options.maxAttempts) {
      this.#end({ state: 'FAILED', error: reviveError(error, { attempt: bundle.attempt }) });
      return;
    }
    // To the front: the rest of its stage waits for it.
    this.#pending.unshift(bundle);
    this.#assign();
  }

  /** Gives up contents whose last reader is done. */
  #release(finished: Stage): void {
    const channels = new Set(finished.sides.map(({ channel }) => channel));
    if (finished.input.kind === 'channel') channels.add(finished.input.channel);
    for (const channel of channels) {
      const needed = this.#stages.some(
        ({ stage, state }) =>
          state !== 'done' &&
          ((stage.input.kind === 'channel' && stage.input.channel === channel) ||
            stage.sides.some((side) => side.channel === channel)),
      );
      if (needed) continue;
      // The bundles' sources hold the same parts.
      for (const { bundles, state } of this.#stages) {
        if (state === 'done') for (const bundle of bundles) bundle.source = { kind: 'impulse' };
      }
      const files: string[] = [];
      for (const output of this.#outputs.get(channel) ?? []) {
        this.#memory -= output.memoryBytes;
        files.push(...output.files);
      }
      this.#outputs.delete(channel);
      if (files.length > 0) this.#environment.discardParts(files);
    }
  }

  #end(outcome: JobOutcome): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    for (const worker of this.#workers.keys()) this.#environment.send(worker, { type: 'end' });
    this.#environment.ended(outcome);
  }
}
