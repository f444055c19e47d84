import { CoderError } from '../sdk/errors.ts';
import type { KV } from '../sdk/values.ts';
import type { PaneInfo } from '../sdk/windows/pane-info.ts';
import { MIN_TIMESTAMP, type Timestamp } from '../sdk/windows/timestamp.ts';
import type { Window } from '../sdk/windows/window.ts';
import { StepContext, type StepEnvironment } from './step-context.ts';

/** What has become due, for one key and window. */
export type KeyedDue =
  | { readonly kind: 'timer'; readonly name: string; readonly timer: { readonly at: Timestamp; readonly tag: string } }
  /** An element that has waited for its turn; it enters the stage again. */
  | {
      readonly kind: 'element';
      readonly element: { readonly value: unknown; readonly timestamp: Timestamp; readonly pane: PaneInfo };
    }
  | { readonly kind: 'expiration' };

/**
 * State and timers of the stateful DoFn at the head of a stage, or of the one whose restrictions enter it, as a runner
 * provides them. One key and window is at hand at a time, from `enter` or `take` until the next of these calls or `release`.
 */
export interface KeyedStep {
  /** What the DoFn gets, by name. */
  readonly state: Readonly<Record<string, unknown>>;
  readonly timers: Readonly<Record<string, unknown>>;
  /** Takes the elements that come too late, where they are not just to be counted. */
  onLate: ((element: unknown, timestamp: number, window: Window, pane: PaneInfo) => void) | undefined;
  /** Timestamp of what the element or timer at hand emits. */
  readonly timestamp: Timestamp;
  /** Makes an element's key and window those at hand; false when it is not to be processed, or not now. */
  enter(element: unknown, timestamp: number, window: Window, pane: PaneInfo): boolean;
  /** Makes the key and window of what is due next those at hand. */
  take(): { readonly key: unknown; readonly window: Window; readonly due: KeyedDue } | undefined;
  /** The window at hand has expired: all that is in it goes. */
  expire(): void;
  release(): void;
}

/** The context of calls to a stateful DoFn: for elements, for timers, for windows that expire. */
export class KeyedContext extends StepContext {
  override readonly state: Readonly<Record<string, never>>;
  override readonly timers: Readonly<Record<string, never>>;
  /** Of the timer that fires. */
  fireTimestamp: Timestamp = MIN_TIMESTAMP;
  tag = '';
  readonly #keyed: KeyedStep;

  /** @param hasTimers whether timers may be set */
  constructor(environment: StepEnvironment, keyed: KeyedStep, hasTimers = true) {
    super(environment);
    this.#keyed = keyed;
    this.state = keyed.state as Readonly<Record<string, never>>;
    this.timers = (hasTimers ? keyed.timers : {}) as Readonly<Record<string, never>>;
  }

  /** One call comes after the other, so they share the context. */
  override fresh(): StepContext {
    return this;
  }

  /**
   * For the generated program: binds the element, and says whether to process it.
   *
   * @throws CoderError when the element is no pair: of a text, say, the first letter would be taken for its key
   */
  enter(element: unknown, timestamp: number, window: Window, pane: PaneInfo): boolean {
    checkPair(element);
    return this.#keyed.enter(element, timestamp, window, pane);
  }
}

/** @throws CoderError when an element is not what state and timers go with */
export function checkPair(element: unknown): asserts element is KV<unknown, unknown> {
  if (Array.isArray(element) && element.length === 2) return;
  throw new CoderError('CODER_WRONG_TYPE', 'State and timers take [key, value] pairs', {
    hint: 'Apply keyBy(), or let the step before return arrays of two.',
  });
}
