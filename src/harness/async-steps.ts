import type { PaneInfo } from '../sdk/windows/pane-info.ts';
import type { Window } from '../sdk/windows/window.ts';

type Enter = (element: unknown, timestamp: number, window: Window, pane: PaneInfo) => void;
type Continue = (result: unknown, element: unknown, timestamp: number, window: Window, pane: PaneInfo) => void;

type Loop<S> = (source: S, index: number, element: unknown, timestamp: number, window: Window, pane: PaneInfo) => void;

interface Suspended extends Deferred {
  readonly loop: Loop<unknown>;
  readonly source: unknown;
  readonly index: number;
}

interface Deferred {
  readonly element: unknown;
  readonly timestamp: number;
  readonly window: Window;
  readonly pane: PaneInfo;
}

/**
 * The asynchronous side of a fused stage. User functions run as plain calls; only when one returns a promise is its
 * element set aside here and taken up again when the promise settles. While any step has as many calls under way as it
 * may, or who takes the stage's outputs is behind, `full` is set: sources stop, and loops over a step's outputs suspend
 * themselves, so nothing piles up.
 */
export class AsyncSteps {
  full = false;
  #steps: AsyncStep[] = [];
  /** Since the last `#resume`, what is further downstream first. */
  #suspended: Suspended[] = [];
  /** From earlier on; what goes on first is last. */
  #waiting: Suspended[] = [];
  #underWay = 0;
  #saturated = 0;
  #isHeld = false;
  #generation = 0;
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;
  /** Promises of the user's that are not settled, those of earlier bundles too. */
  #unsettled = 0;
  #quiet: (() => void)[] = [];

  /** Resolves when nothing of the user's is under way any more, of earlier bundles neither; `undefined` when nothing is now. */
  get quiet(): Promise<void> | undefined {
    return this.#unsettled === 0 ? undefined : new Promise((resolve) => this.#quiet.push(resolve));
  }

  step(limit: number, enter: Enter, next: Continue, reject: Continue): AsyncStep {
    const step = new AsyncStep(this, limit, enter, next, reject);
    this.#steps.push(step);
    return step;
  }

  /** Keeps the rest of a loop for when there is room again; takes arguments, since a closure would slow the loop down. */
  suspend<S>(
    loop: Loop<S>,
    source: S,
    index: number,
    element: unknown,
    timestamp: number,
    window: Window,
    pane: PaneInfo,
  ): void {
    this.#suspended.push({ loop: loop as Loop<unknown>, source, index, element, timestamp, window, pane });
  }

  #resume(): void {
    while (!this.full) {
      // What is downstream comes to its end first: else each turn would leave one more loop there that has only begun.
      while (this.#suspended.length > 0) this.#waiting.push(this.#suspended.pop() as Suspended);
      const rest = this.#waiting.pop();
      if (rest === undefined) return;
      rest.loop(rest.source, rest.index, rest.element, rest.timestamp, rest.window, rest.pane);
    }
  }

  get idle(): boolean {
    const saturated = this.#saturated - (this.#isHeld ? 1 : 0);
    return this.#underWay === 0 && this.#suspended.length + this.#waiting.length === 0 && saturated === 0;
  }

  /** Lets no more be emitted until `room`, which never rejects, is settled: who takes the stage's outputs is behind. */
  hold(room: Promise<void>): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    this.saturate(1);
    const generation = this.#generation;
    void room.then(() => {
      if (generation !== this.#generation) return;
      this.#isHeld = false;
      this.saturate(-1);
      this.#goOn(() => {}, undefined);
    });
  }

  /** Resolves when more elements may enter (`all = false`) or when nothing is under way any more. */
  async settle(all: boolean): Promise<void> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.error;
      if (all ? this.idle : !this.full) return;
      await new Promise<void>((wake) => {
        this.#wake = wake;
      });
    }
  }

  /** Changes when the bundle is over; what was started before then is not waited for any more. */
  get generation(): number {
    return this.#generation;
  }

  /** Makes whoever waits in `settle` stop waiting. */
  abort(error: unknown): void {
    this.#failure ??= { error };
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  /** Ends an iteration before its end, so that a generator comes to its `finally`. What that throws comes too late. */
  close(iterator: Iterator<unknown> | AsyncIterator<unknown>): void {
    try {
      Promise.resolve(iterator.return?.()).catch(() => {});
    } catch {
      // The failure that ended the bundle is the one to report.
    }
  }

  /** Forgets everything under way: the bundle is over, or a new one begins. */
  reset(): void {
    this.#generation++;
    for (const { source } of this.#waiting.concat(this.#suspended)) if (isIterator(source)) this.close(source);
    this.#suspended = [];
    this.#waiting = [];
    this.#underWay = 0;
    this.#saturated = 0;
    this.#isHeld = false;
    this.#failure = undefined;
    this.#wake = undefined;
    this.full = false;
    for (const step of this.#steps) step.reset();
  }

  /** @internal Some other step than this one has no room. */
  fullBut(step: AsyncStep): boolean {
    return this.#saturated > (step.saturated ? 1 : 0);
  }

  /** @internal */
  saturate(change: 1 | -1): void {
    this.#saturated += change;
    this.full = this.#saturated > 0;
  }

  /** @internal Runs `settled` when the promise is fulfilled or rejected, unless the bundle is over by then. */
  track<T>(promise: PromiseLike<T>, fulfilled: (value: T) => void, rejected: (error: unknown) => void): void {
    const generation = this.#generation;
    this.#underWay++;
    this.#unsettled++;
    const settle = <A>(action: (value: A) => void) => {
      return (value: A) => {
        if (--this.#unsettled === 0) for (const resolve of this.#quiet.splice(0)) resolve();
        if (generation !== this.#generation) return;
        this.#underWay--;
        this.#goOn(action, value);
      };
    };
    // A thenable of the user's may throw where a promise never does.
    Promise.resolve(promise).then(settle(fulfilled), settle(rejected));
  }

  #goOn<A>(action: (value: A) => void, value: A): void {
    try {
      if (this.#failure === undefined) action(value);
      this.#resume();
    } catch (error) {
      this.#failure ??= { error };
    }
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

/** The calls of one step that are under way, and the elements that wait for their turn. */
export class AsyncStep {
  /** The step has as many calls under way as it may: `defer` instead of calling. */
  saturated = false;
  #underWay = 0;
  #queue: Deferred[] = [];
  /** Of calls that emit over time. */
  readonly #iterators = new Set<AsyncIterator<unknown>>();
  readonly #owner: AsyncSteps;
  readonly #limit: number;
  readonly #enter: Enter;
  readonly #next: Continue;
  readonly #reject: Continue;

  constructor(owner: AsyncSteps, limit: number, enter: Enter, next: Continue, reject: Continue) {
    this.#owner = owner;
    this.#limit = limit;
    this.#enter = enter;
    this.#next = next;
    this.#reject = reject;
  }

  reset(): void {
    this.saturated = false;
    this.#underWay = 0;
    this.#queue = [];
    for (const iterator of this.#iterators) this.#owner.close(iterator);
    this.#iterators.clear();
  }

  /** Keeps an element until a call ends. */
  defer(element: unknown, timestamp: number, window: Window, pane: PaneInfo): void {
    this.#queue.push({ element, timestamp, window, pane });
  }

  /** Waits for a call's promise; its result continues as if it had been returned. */
  park(promise: PromiseLike<unknown>, element: unknown, timestamp: number, window: Window, pane: PaneInfo): void {
    this.#begin();
    this.#owner.track(
      promise,
      (result) => {
        this.#end();
        this.#next(result, element, timestamp, window, pane);
        this.#drainQueue();
      },
      (error) => {
        this.#end();
        this.#reject(error, element, timestamp, window, pane);
        this.#drainQueue();
      },
    );
  }

  /** Emits what an async iterator yields; it is asked for more only while there is room downstream. */
  pump(
    iterator: AsyncIterator<unknown>,
    emit: Enter,
    element: unknown,
    timestamp: number,
    window: Window,
    pane: PaneInfo,
  ): void {
    this.#begin();
    this.#iterators.add(iterator);
    const pull = (): void => {
      let result: Promise<IteratorResult<unknown>>;
      try {
        result = Promise.resolve(iterator.next()).then(iteratorResult);
      } catch (error) {
        result = Promise.reject(error);
      }
      this.#owner.track(
        result,
        ({ done, value }) => {
          if (done) {
            this.#iterators.delete(iterator);
            this.#end();
            this.#drainQueue();
            return;
          }
          emit(value, timestamp, window, pane);
          if (!this.#owner.fullBut(this)) return pull();
          // A waiting iteration gives up its place, or the step would wait for itself.
          this.#end();
          this.#owner.suspend(resume, iterator, 0, element, timestamp, window, pane);
        },
        (error) => {
          this.#iterators.delete(iterator);
          this.#end();
          this.#reject(error, element, timestamp, window, pane);
          this.#drainQueue();
        },
      );
    };
    const resume = (): void => {
      this.#begin();
      pull();
    };
    pull();
  }

  #begin(): void {
    this.#underWay++;
    if (this.#underWay >= this.#limit && !this.saturated) {
      this.saturated = true;
      this.#owner.saturate(1);
    }
  }

  #end(): void {
    this.#underWay--;
    if (this.saturated && this.#underWay < this.#limit) {
      this.saturated = false;
      this.#owner.saturate(-1);
    }
  }

  #drainQueue(): void {
    while (!this.saturated && this.#queue.length > 0) {
      const next = this.#queue.shift() as Deferred;
      this.#enter(next.element, next.timestamp, next.window, next.pane);
    }
  }
}

function isIterator(source: unknown): source is Iterator<unknown> {
  return typeof source === 'object' && source !== null && 'next' in source;
}

/** What an iterator's `next` gave back. @throws TypeError as a `for` loop does when that is no object. */
export function iteratorResult(result: IteratorResult<unknown>): IteratorResult<unknown> {
  if (typeof result !== 'object' || result === null) throw new TypeError(`Iterator result ${result} is not an object`);
  return result;
}
