import { CoderError, MillraceError, PipelineError, RunnerError } from '../../sdk/errors.ts';
import type { Resumption } from '../../sdk/pipeline/pipeline-result.ts';
import type { StateBackend } from '../core/state/state-backend.ts';
import type { StreamEngine } from './stream-engine.ts';

/** When a run writes checkpoints. */
export interface Checkpointing {
  readonly backend: StateBackend;
  /** Milliseconds between two checkpoints. */
  readonly interval: number;
}

/** What a run is made of. */
export interface StreamRunParts {
  /** Makes an engine that begins with nothing. */
  makeEngine(): StreamEngine;
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves when `wake` was called, or at this time. */
  sleepUntil(time: number): Promise<void>;
  /** Asked between steps: gives the event loop its turn. */
  breathe(): Promise<void> | undefined;
  /** @throws when the run is to end before its end */
  throwIfCancelled(): void;
  /** Without it, nothing is kept and every failure is the end. */
  readonly checkpointing: Checkpointing | undefined;
  /** Failures, without a checkpoint in between, after which the run is given up. */
  readonly maxAttempts: number;
  /** A failure that the run goes back from. */
  onFailure(error: unknown, attempt: number): void;
}

/** Time that user functions have to come to their end when the run is cancelled. */
const LEAVE_MILLIS = 1000;

/** Takes an engine from step to step, from checkpoint to checkpoint, and after a failure back to the last one. */
export class StreamRun {
  readonly #parts: StreamRunParts;
  #engine: StreamEngine;
  #nextCheckpoint: number;
  #draining = false;
  #stopping = false;
  #waitsFor: string | undefined;
  #resumed: Resumption | undefined;
  #lastCheckpoint: { readonly at: number; readonly millis: number } | undefined;
  /** Something has happened since the last checkpoint. */
  #isChanged = false;
  #failures = 0;
  /** Set when the run is cancelled. */
  #cancelled: NodeJS.Timeout | undefined;
  /** Makes whoever waits for user code stop waiting. */
  #leave: ((error: unknown) => void) | undefined;

  constructor(parts: StreamRunParts) {
    this.#parts = parts;
    this.#engine = parts.makeEngine();
    this.#nextCheckpoint = this.#schedule();
  }

  get engine(): StreamEngine {
    return this.#engine;
  }

  /** Sources without end are given up and open windows finished; the run then comes to its end. */
  drain(): void {
    this.#draining = true;
  }

  /** Writes a last checkpoint and ends, where there are checkpoints. */
  stop(): void {
    this.#stopping = true;
  }

  /** Ends the run as soon as it can be: what waits for user code that does not come to its end is left behind. */
  cancel(error: unknown): void {
    this.#engine.cancel(error);
    this.#leaveLater(error);
  }

  #leaveLater(error: unknown): void {
    clearTimeout(this.#cancelled);
    // Whoever waits for the run keeps the process alive.
    this.#cancelled = setTimeout(() => this.#leave?.(error), LEAVE_MILLIS).unref();
  }

  /** When the last checkpoint was complete, and the milliseconds that it took. */
  get lastCheckpoint(): { readonly at: number; readonly millis: number } | undefined {
    return this.#lastCheckpoint;
  }

  /** The checkpoint of an earlier run that this one began with. */
  get resumed(): Resumption | undefined {
    return this.#resumed;
  }

  /** What is waited for between steps, in words. */
  get waitsFor(): string | undefined {
    return this.#waitsFor;
  }

  /** Runs to the end of all input, or until it was stopped. @throws what made it fail, more often than it may */
  async run(): Promise<'done' | 'stopped'> {
    const { checkpointing, maxAttempts } = this.#parts;
    for (let isFirst = true; ; isFirst = false) {
      try {
        const version = checkpointing?.backend.version ?? 0;
        if (version > 0) {
          const at = this.#engine.restore();
          if (isFirst) this.#resumed = { version, at, isEnded: this.#engine.isDone };
        }
        const end = await this.#runToEnd();
        await this.#leaving(this.#engine.close());
        return end;
      } catch (error) {
        await this.#close(error);
        // The engine's own errors and a cancelled run would only come again.
        this.#parts.throwIfCancelled();
        if (checkpointing === undefined || ++this.#failures >= maxAttempts || !isTransient(error)) throw error;
        this.#parts.onFailure(error, this.#failures);
        checkpointing.backend.rollback();
        this.#engine = this.#parts.makeEngine();
        this.#nextCheckpoint = this.#schedule();
        this.#waitsFor = undefined;
      }
    }
  }

  async #close(error: unknown): Promise<void> {
    const closed = this.#leaving(this.#engine.close()).catch(() => {});
    // Functions that are torn down may take as long as others to come to their end.
    if (this.#cancelled !== undefined) this.#leaveLater(error);
    await closed;
    clearTimeout(this.#cancelled);
  }

  /** Waits for user code, unless the run is cancelled and it takes too long. */
  #leaving<T>(work: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#leave = reject;
      work.then(resolve, reject);
    });
  }

  async #runToEnd(): Promise<'done' | 'stopped'> {
    const { checkpointing } = this.#parts;
    let drained = false;
    for (;;) {
      this.#parts.throwIfCancelled();
      if (this.#stopping && checkpointing !== undefined) {
        if (this.#isChanged) await this.#checkpoint(checkpointing);
        return 'stopped';
      }
      if (this.#draining && !drained) {
        drained = true;
        await this.#stopSources();
        this.#engine.drain();
      }
      const worked = await this.#leaving(this.#engine.step());
      if (worked) this.#isChanged = true;
      const committed = await this.#commit(worked);
      if (this.#engine.isDone) return 'done';
      // A commit sets elements free that have waited for it.
      if (worked || committed) await this.#parts.breathe();
      else if (!this.#engine.play()) await this.#sleep();
    }
  }

  async #commit(worked: boolean): Promise<boolean> {
    const { checkpointing } = this.#parts;
    if (checkpointing === undefined) await this.#committed();
    else if (this.#isCheckpointDue(worked)) {
      await this.#checkpoint(checkpointing);
      return true;
    }
    return false;
  }

  /** Before its time comes the checkpoint that everything left to do waits for. */
  #isCheckpointDue(worked: boolean): boolean {
    if (!this.#isChanged) return false;
    return (
      this.#parts.now() >= this.#nextCheckpoint || this.#engine.isDone || (!worked && this.#engine.awaitsCheckpoint)
    );
  }

  async #checkpoint({ backend }: Checkpointing): Promise<void> {
    const began = this.#parts.now();
    await this.#stopSources();
    this.#engine.save();
    backend.commit();
    this.#failures = 0;
    this.#isChanged = false;
    const at = this.#parts.now();
    this.#lastCheckpoint = { at, millis: Math.max(0, at - began) };
    await this.#committed();
    this.#engine.go();
    this.#nextCheckpoint = this.#schedule();
  }

  async #committed(): Promise<void> {
    this.#waitsFor = 'the functions that were given to afterBundleCommit';
    await this.#leaving(this.#engine.committed());
    this.#waitsFor = undefined;
  }

  /** Steps until no call of a source is under way. */
  async #stopSources(): Promise<void> {
    this.#waitsFor = 'the calls of the sources to end, before a checkpoint or a drain';
    while (!this.#engine.stopSources()) {
      this.#parts.throwIfCancelled();
      // A call that goes on for ever though its rest was taken leaves room for whoever cancels the run.
      if (await this.#leaving(this.#engine.step())) await this.#parts.breathe();
      else await this.#parts.sleepUntil(this.#nextTime());
    }
    this.#waitsFor = undefined;
  }

  async #sleep(): Promise<void> {
    const until = this.#nextTime();
    await this.#parts.sleepUntil(this.#isChanged ? Math.min(until, this.#nextCheckpoint) : until);
  }

  /** When there is something to do though nothing comes. The time of test streams goes on by itself. */
  #nextTime(): number {
    return this.#engine.hasVirtualTime ? Number.POSITIVE_INFINITY : this.#engine.nextProcessingTime();
  }

  #schedule(): number {
    const { checkpointing } = this.#parts;
    return checkpointing === undefined ? Number.POSITIVE_INFINITY : this.#parts.now() + checkpointing.interval;
  }
}

/** Whether going back may help: a program that is wrong stays wrong. */
function isTransient(error: unknown): boolean {
  if (error instanceof RunnerError || error instanceof PipelineError || error instanceof CoderError) return false;
  return !(error instanceof MillraceError && error.context.final === true);
}
