import { UserCodeError } from '../sdk/errors.ts';
import type { TransformNode } from '../sdk/graph/graph.ts';
import type { StatefulDoFn } from '../sdk/state/check-stateful.ts';
import type { Emits, ExpirationContext, TimerContext } from '../sdk/transforms/do-fn.ts';
import { NO_FIRING } from '../sdk/windows/pane-info.ts';
import type { Window } from '../sdk/windows/window.ts';
import { iteratorResult } from './async-steps.ts';
import { KeyedContext, type KeyedDue, type KeyedStep } from './keyed-step.ts';
import type { StageProgram } from './stage-program.ts';
import type { StepEnvironment } from './step-context.ts';
import { notIterable } from './wrong-results.ts';

/** Calls between two looks at whether to go on. */
const CALLS_AT_ONCE = 1024;
/** Firings of one timer for the same time, one after another. */
const MAX_REPEATS = 100_000;

/** What timer calls need of the stage. */
export interface TimerCallOptions {
  readonly program: StageProgram;
  /** The stateful transform, and which step of the stage it is. */
  readonly node: TransformNode;
  readonly step: number;
  readonly fn: StatefulDoFn;
  readonly keyed: KeyedStep;
  readonly currentStep: Int32Array;
}

/** Calls the user's code for what is due: timers, elements that have waited, windows that expire. */
export class TimerCalls {
  readonly #options: TimerCallOptions;
  readonly #timerContext: KeyedContext;
  readonly #expirationContext: KeyedContext;
  #repeats = 0;
  #last: { key: unknown; name: string; tag: string; at: number } | undefined;

  /** @param environment of the bundle */
  constructor(options: TimerCallOptions, environment: StepEnvironment) {
    this.#options = options;
    this.#timerContext = new KeyedContext(environment, options.keyed);
    this.#expirationContext = new KeyedContext(environment, options.keyed, false);
  }

  /** Until nothing is due any more, also of what is set meanwhile. */
  async run(pause: () => Promise<void> | undefined): Promise<void> {
    const { keyed, program } = this.#options;
    try {
      let calls = 0;
      for (let next = keyed.take(); next !== undefined; next = keyed.take()) {
        const running = this.#call(next.key, next.window, next.due);
        if (running !== undefined) await running;
        if (program.async.full) await program.async.settle(false);
        if (next.due.kind === 'expiration') keyed.expire();
        if (++calls % CALLS_AT_ONCE === 0) await pause();
      }
    } finally {
      keyed.release();
    }
  }

  #call(key: unknown, window: Window, due: KeyedDue): Promise<void> | undefined {
    switch (due.kind) {
      case 'element': {
        const { value, timestamp, pane } = due.element;
        this.#options.program.code.elements([[key, value]], 0, 1, timestamp, window, pane);
        return undefined;
      }
      case 'timer':
        return this.#timer(key, window, due.name, due.timer);
      case 'expiration':
        return this.#expiration(key, window);
    }
  }

  #timer(
    key: unknown,
    window: Window,
    name: string,
    timer: Extract<KeyedDue, { kind: 'timer' }>['timer'],
  ): Promise<void> | undefined {
    this.#checkProgress(key, name, timer.tag, timer.at);
    const context = this.#timerContext;
    context.timestamp = this.#options.keyed.timestamp;
    context.window = window;
    context.fireTimestamp = timer.at;
    context.tag = timer.tag;
    const what = { key, timer: name, ...(timer.tag === '' ? {} : { tag: timer.tag }) };
    const handlers = this.#options.fn.onTimer ?? {};
    return this.#guarded(what, () =>
      this.#emit(handlers[name](key as never, context as unknown as TimerContext), context, what),
    );
  }

  #expiration(key: unknown, window: Window): Promise<void> | undefined {
    const { fn, keyed } = this.#options;
    if (fn.onWindowExpiration === undefined) return undefined;
    const context = this.#expirationContext;
    context.timestamp = keyed.timestamp;
    context.window = window;
    const what = { key, expired: String(window) };
    return this.#guarded(what, () =>
      this.#emit(fn.onWindowExpiration?.(key as never, context as unknown as ExpirationContext), context, what),
    );
  }

  /** A timer that is set again and again for a time that has passed would keep the step from ending. */
  #checkProgress(key: unknown, name: string, tag: string, at: number): void {
    const last = this.#last;
    if (last === undefined || last.key !== key || last.name !== name || last.tag !== tag || last.at !== at) {
      this.#last = { key, name, tag, at };
      this.#repeats = 0;
      return;
    }
    if (++this.#repeats < MAX_REPEATS) return;
    throw this.#options.program.failures.attribute(
      this.#options.step,
      new UserCodeError('TIMER_LOOP', `The timer '${name}' has fired ${MAX_REPEATS} times for the same time`, {
        hint: 'its handler sets it for a time that has passed already: set it for a later one, or not at all',
      }),
      { key, timer: name },
    );
  }

  #guarded(what: unknown, call: () => Promise<void> | undefined): Promise<void> | undefined {
    const { program, step, currentStep } = this.#options;
    currentStep[0] = step;
    try {
      return call()?.catch((error: unknown) => program.failures.fail(step, error, what));
    } catch (error) {
      return program.failures.fail(step, error, what);
    }
  }

  /** Emits what a handler gave back; a promise when that takes time. */
  #emit(result: Emits<unknown>, context: KeyedContext, what: unknown): Promise<void> | undefined {
    if (result === undefined || result === null) return undefined;
    if (Array.isArray(result)) {
      for (let i = 0; i < result.length; i++) {
        this.#emitOne(result[i], context);
        if (this.#options.program.async.full) return this.#emitRest(result.values().drop(i + 1), context);
      }
      return undefined;
    }
    if (typeof result === 'object') {
      if ('then' in result && typeof result.then === 'function') {
        return (result as Promise<Iterable<unknown> | void>).then((value) => this.#emit(value, context, what));
      }
      if (Symbol.iterator in result) return this.#emitAll(result[Symbol.iterator](), context);
      if (Symbol.asyncIterator in result) return this.#emitOverTime(result, context);
    }
    throw notIterable(this.#options.program.failures.show(result));
  }

  #emitAll(iterator: Iterator<unknown>, context: KeyedContext): Promise<void> | undefined {
    for (let next = iteratorResult(iterator.next()); !next.done; next = iteratorResult(iterator.next())) {
      this.#emitOne(next.value, context, iterator);
      if (this.#options.program.async.full) return this.#emitRest(iterator, context);
    }
    return undefined;
  }

  async #emitRest(iterator: Iterator<unknown>, context: KeyedContext): Promise<void> {
    const { async } = this.#options.program;
    for (;;) {
      await async.settle(false);
      const next = iteratorResult(iterator.next());
      if (next.done) return;
      this.#emitOne(next.value, context, iterator);
    }
  }

  async #emitOverTime(outputs: AsyncIterable<unknown>, context: KeyedContext): Promise<void> {
    const { async } = this.#options.program;
    for await (const value of outputs) {
      this.#emitOne(value, context);
      if (async.full) await async.settle(false);
    }
  }

  #emitOne(value: unknown, context: KeyedContext, iterator?: Iterator<unknown>): void {
    const { program, node } = this.#options;
    try {
      program.code.emitters[node.outputs.main](value, context.timestamp, context.window, NO_FIRING);
    } catch (error) {
      if (iterator !== undefined) program.async.close(iterator);
      throw error;
    }
  }
}
