import type { OpenRestriction } from '../../harness/bundle-input.ts';
import type { RestrictionCall } from '../../harness/restriction-call.ts';
import type { Batch, Resume } from '../../sdk/transforms/splittable-do-fn.ts';

type Answer = IteratorResult<Batch<unknown>, Resume | undefined>;

/** A call of a splittable DoFn that is under way beside the steps, and what it has answered. */
export class ActiveCall {
  readonly open: OpenRestriction;
  readonly call: RestrictionCall;
  /** Of what is left to do while the pipeline is drained. */
  readonly isTruncated: boolean;
  /** Processing time at which the call began. */
  readonly since: number;
  /** As of the last batch that has gone through the stage: later ones may still be on their way. */
  watermark: number;
  /** The rest has been taken away; the call only ends. */
  stopped = false;
  /** Something of it has gone through the stage. */
  hasGiven = false;
  /** It was asked for its rest and had none to give, before its next answer. */
  hasNoRest = false;
  #isAsked = false;
  #answer: Answer | undefined;
  #error: { readonly cause: unknown } | undefined;

  constructor(open: OpenRestriction, call: RestrictionCall, watermark: number, since: number, isTruncated: boolean) {
    this.open = open;
    this.call = call;
    this.watermark = watermark;
    this.since = since;
    this.isTruncated = isTruncated;
  }

  /** It is asked for a batch and has not answered yet. */
  get isAsked(): boolean {
    return this.#isAsked;
  }

  /** What it has answered. @throws what it has failed with */
  get answer(): Answer | undefined {
    if (this.#error !== undefined) throw this.#error.cause;
    return this.#answer;
  }

  /** The answer has been used. */
  forget(): void {
    this.#answer = undefined;
    this.hasNoRest = false;
  }

  /** Asks for the next batch; `wake` is called when it takes its time. */
  ask(wake: () => void): void {
    this.#isAsked = true;
    try {
      const answer = this.call.next();
      if (!(answer instanceof Promise)) return this.#take(answer);
      answer.then(
        (settled) => {
          this.#take(settled);
          wake();
        },
        (cause: unknown) => {
          this.#error = { cause };
          wake();
        },
      );
    } catch (cause) {
      this.#error = { cause };
    }
  }

  #take(answer: Answer): void {
    this.#answer = answer;
    this.#isAsked = false;
  }
}
