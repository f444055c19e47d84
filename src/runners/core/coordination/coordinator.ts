import { RunnerError } from '../../../sdk/errors.ts';
import type { JobProgress } from '../../../sdk/pipeline/pipeline-result.ts';
import type { Channel, ExecutionPlan, Stage } from '../plan/execution-plan.ts';
import type { Bundle } from './bundle.ts';
import { BundleSchedule } from './bundle-schedule.ts';
import { ChannelContents } from './channel-contents.ts';
import { JobCounts } from './job-counts.ts';
import type { BundleSource, ChannelOutput, FromWorker, Part, PlainError, ToWorker } from './messages.ts';
import { reviveError } from './plain-error.ts';
import { stageProgress } from './stage-progress.ts';
import type { RunningShare } from './stage-state.ts';
import { WorkerPool, type WorkerState } from './worker-pool.ts';

export interface CoordinatorOptions {
  /** Attempts of a bundle before the job fails. */
  readonly maxAttempts: number;
  /** Bytes of channel contents that may stay in memory. */
  readonly memory: number;
  /** Workers that are meant to take part; there may be fewer for a time. */
  readonly workers: number;
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

const NOT_BEGUN: RunningShare = { fraction: 0, elements: 0 };

/**
 * Decides which bundle runs where, keeps what was committed, retries what failed. It reacts to messages and ticks and
 * touches neither threads nor clock nor disk, so that a simulation can drive it through any order of events. Every
 * message may be lost, late or repeated: an output counts only if its attempt is the bundle's current one.
 */
export class Coordinator {
  readonly counts = new JobCounts();
  readonly #options: CoordinatorOptions;
  readonly #environment: CoordinatorEnvironment;
  readonly #channels: readonly Channel[];
  /** Channels whose contents are the job's result. */
  readonly #kept: ReadonlySet<number>;
  readonly #contents = new ChannelContents();
  readonly #schedule: BundleSchedule;
  readonly #workers: WorkerPool;
  readonly #finished: number[] = [];
  readonly #startedAt: number;
  #outcome: JobOutcome | undefined;

  constructor(plan: ExecutionPlan, options: CoordinatorOptions, environment: CoordinatorEnvironment) {
    this.#options = options;
    this.#environment = environment;
    this.#channels = plan.channels;
    this.#kept = new Set(plan.kept.map(({ channel }) => channel));
    this.#startedAt = environment.now();
    this.#schedule = new BundleSchedule(plan, this.#contents);
    this.#workers = new WorkerPool(options.memory, options.workers);
  }

  /** Begins; workers may join before and after. */
  start(): void {
    this.#advance();
  }

  addWorker(worker: string): void {
    this.#workers.add(worker);
    this.#assign();
  }

  /** The worker is gone with everything it had not committed. */
  removeWorker(worker: string, error: PlainError): void {
    const bundle = this.#workers.get(worker)?.bundle;
    this.#workers.remove(worker);
    if (bundle !== undefined && this.#outcome === undefined) this.#failed(bundle, error);
  }

  receive(worker: string, message: FromWorker): void {
    if (this.#outcome !== undefined) return;
    const bundle = this.#schedule.bundle(message.bundle);
    const sender = this.#workers.get(worker);
    if (
      sender === undefined ||
      bundle === undefined ||
      sender.bundle !== bundle ||
      bundle.attempt !== message.attempt
    ) {
      // A repeated message of the committed attempt must not take its files away.
      if (message.type === 'done' && bundle?.attempt !== message.attempt) {
        this.#environment.discardAttempt(message.bundle, message.attempt);
      }
      return;
    }
    if (message.type === 'split') this.#schedule.split(bundle, message.split);
    else {
      sender.bundle = undefined;
      for (const { channel } of this.#schedule.stageOf(bundle).stage.sides) sender.knows.add(channel);
      if (message.type === 'failed') this.#failed(bundle, message.error);
      else {
        for (const split of message.splits) this.#schedule.split(bundle, split);
        this.#commit(bundle, message.outputs);
        const state = this.#schedule.stageOf(bundle);
        const { input } = state.stage;
        this.counts.add(
          message.counts,
          input.kind === 'channel' ? this.#channels[input.channel].collection : undefined,
        );
        state.elements += message.counts.elements[state.stage.root] ?? 0;
      }
    }
    this.#advance();
  }

  /** To be called now and then: repeats messages that may be lost, and asks for splits. */
  tick(): void {
    if (this.#outcome !== undefined) return;
    const now = this.#environment.now();
    for (const worker of this.#workers.all) {
      const { bundle } = worker;
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

  /** `shareOf` tells how far a worker has come with a bundle. */
  progress(shareOf: (worker: string, bundle: number) => RunningShare = () => NOT_BEGUN): JobProgress {
    return {
      state: this.#outcome?.state ?? 'RUNNING',
      elapsedMillis: this.#environment.now() - this.#startedAt,
      stages: stageProgress(this.#schedule.stages, this.#contents, ({ worker, id }) =>
        worker === undefined ? NOT_BEGUN : shareOf(worker, id),
      ),
    };
  }

  /** Starts stages whose inputs are complete, hands out work, and notices the end. */
  #advance(): void {
    if (this.#outcome !== undefined) return;
    this.#schedule.advance(this.#workers.size, (stage) => {
      if (stage.sides.length > 0) this.#finished.push(stage.id);
      this.#release(stage);
    });
    if (this.#schedule.isDone) this.#end({ state: 'DONE' });
    this.#assign();
  }

  #assign(): void {
    if (this.#outcome !== undefined) return;
    for (const worker of this.#workers.all) {
      if (worker.bundle !== undefined) continue;
      const bundle = this.#schedule.take();
      if (bundle === undefined) return this.#askForSplit();
      this.#workers.assign(worker, bundle, this.#contents.memoryBytes);
      this.#send(worker, bundle);
    }
  }

  #send({ id, knows }: WorkerState, bundle: Bundle): void {
    const { stage } = this.#schedule.stageOf(bundle);
    const sides: Record<number, readonly Part[]> = {};
    for (const { channel } of stage.sides) {
      if (!knows.has(channel)) sides[channel] = this.#contents.parts(channel);
    }
    bundle.sentAt = this.#environment.now();
    this.#environment.send(id, {
      type: 'run',
      work: {
        sequence: bundle.sequence,
        bundle: bundle.id,
        attempt: bundle.attempt,
        stage: bundle.stage,
        source: this.#sourceOf(bundle, stage),
        sides,
        finished: this.#finished,
        memoryAllowance: bundle.allowance,
      },
    });
  }

  #sourceOf({ id, source }: Bundle, { input }: Stage): BundleSource {
    if (source === undefined) throw new Error(`Bundle ${id} is done and runs again`);
    if (source.kind !== 'partition' || input.kind !== 'channel') return source as BundleSource;
    return { ...source, parts: this.#contents.partitionParts(input.channel, source.partition) };
  }

  /** A worker is idle and nothing waits: takes work from the bundle of restrictions that has run longest. */
  #askForSplit(): void {
    const now = this.#environment.now();
    const longest = this.#workers.splittable(now);
    if (longest?.worker === undefined) return;
    longest.splitAskedAt = now;
    this.#environment.send(longest.worker, {
      type: 'split',
      bundle: longest.id,
      attempt: longest.attempt,
      fraction: 0.5,
    });
  }

  #commit(bundle: Bundle, outputs: readonly ChannelOutput[]): void {
    const state = this.#schedule.stageOf(bundle);
    const { source } = bundle;
    this.#workers.release(bundle, 'done');
    bundle.source = undefined;
    state.done++;
    for (const output of outputs) {
      this.#contents.add(output);
      this.counts.addBytes(output.channel, output.bytes);
      state.bytes += output.bytes;
      if (source?.kind === 'partition') this.#checkPartition(source.partition, output);
    }
    const { input } = state.stage;
    if (source?.kind === 'partition' && input.kind === 'channel' && this.#channels[input.channel].keepsPartitions) {
      this.#discard(this.#contents.releasePartition(input.channel, source.partition));
    }
  }

  /** What keeps to its partition in theory is held to it: a changed key would be grouped twice. */
  #checkPartition(partition: number, { channel, partitionBytes = [] }: ChannelOutput): void {
    const { keepsPartitions, transform } = this.#channels[channel];
    if (!keepsPartitions || partitionBytes.every((bytes, i) => bytes === 0 || i === partition)) return;
    this.abort(
      new RunnerError('KEY_CHANGED', 'Keys have changed on the way from one grouping to the next', {
        transform,
        hint: "mapValues and filter keep keys as they are: one of them changes its input's key in place, or the key coder does not decode what it encoded. Switch the rewrite off with disable: ['keyPreserving'] to go without",
      }),
    );
  }

  #failed(bundle: Bundle, error: PlainError): void {
    this.#environment.discardAttempt(bundle.id, bundle.attempt);
    this.#workers.release(bundle, 'pending');
    const failure = [error.code, error.summary, error.context.transform, error.context.element].join('\n');
    bundle.failsAlike &&= bundle.failure === undefined || bundle.failure === failure;
    bundle.failure = failure;
    const { maxAttempts } = this.#options;
    if (error.fatal || bundle.attempt >= maxAttempts) {
      const context = { attempt: bundle.attempt, attempts: maxAttempts, alike: bundle.failsAlike };
      this.#end({ state: 'FAILED', error: reviveError(error, context) });
      return;
    }
    this.#schedule.again(bundle);
    this.#assign();
  }

  /** What has been written into a channel that the plan keeps. */
  contents(channel: number): { readonly parts: readonly Part[]; readonly bytes: number } {
    const bytes = this.#contents.of(channel).reduce((sum, output) => sum + output.bytes, 0);
    return { parts: this.#contents.parts(channel), bytes };
  }

  /** Gives up contents whose last reader is done. */
  #release(finished: Stage): void {
    for (const channel of channelsRead(finished)) {
      if (this.#kept.has(channel)) continue;
      const isNeeded = this.#schedule.stages.some(
        ({ stage, state }) => state !== 'done' && channelsRead(stage).has(channel),
      );
      if (!isNeeded) this.#discard(this.#contents.release(channel));
    }
  }

  #discard(files: readonly string[]): void {
    if (files.length > 0) this.#environment.discardParts(files);
  }

  #end(outcome: JobOutcome): void {
    if (this.#outcome !== undefined) return;
    this.#outcome = outcome;
    for (const { id } of this.#workers.all) this.#environment.send(id, { type: 'end' });
    this.#environment.ended(outcome);
  }
}

function channelsRead({ input, sides }: Stage): Set<number> {
  const channels = new Set(sides.map(({ channel }) => channel));
  if (input.kind === 'channel') channels.add(input.channel);
  return channels;
}
