import { PipelineError } from '../errors.ts';
import type { CollectionNode, TransformSpec } from '../graph/graph.ts';
import type { DoFn } from '../transforms/do-fn.ts';
import { settleKvCoder } from '../transforms/group-by-key.ts';
import type { Window } from '../windows/window.ts';
import type { StateSpecs } from './state-spec.ts';
import type { TimerSpecs } from './timer.ts';

/** States, and timers, of one DoFn. */
const MAX_DECLARED = 100;
const MAX_NAME = 100;

/** A DoFn, splittable or not, as far as state and time are concerned. */
export type StatefulDoFn = Pick<
  DoFn<never, unknown, {}, {}, Window, StateSpecs, TimerSpecs>,
  'state' | 'timers' | 'onTimer' | 'onWindowExpiration' | 'requiresTimeSortedInput' | 'concurrency'
>;

/** The DoFn of a transform when it works per key and window: it has state or timers, or wants its input by time. */
export function statefulDoFn(spec: TransformSpec | undefined): StatefulDoFn | undefined {
  if (spec?.kind !== 'parDo' || (spec.fn.kind !== 'doFn' && spec.fn.kind !== 'splittable')) return undefined;
  const fn = spec.fn.fn as StatefulDoFn;
  return isKeyed(fn) ? fn : undefined;
}

/** Whether a transform needs all elements of a key in one place, one after another. */
export function isStateful(spec: TransformSpec | undefined): boolean {
  return statefulDoFn(spec) !== undefined;
}

function isKeyed({ state = {}, timers = {}, requiresTimeSortedInput = false }: StatefulDoFn): boolean {
  return requiresTimeSortedInput || Object.keys(state).length > 0 || Object.keys(timers).length > 0;
}

/**
 * Refuses what cannot work, while the graph is built. A stateful DoFn's input gets its KV coder here.
 *
 * @throws PipelineError `STATE_INVALID`, `TIMER_INVALID`, `TIMER_UNHANDLED`, `TIMER_UNDECLARED`, `EXPIRATION_WITHOUT_STATE`,
 * `KEY_MISSING`, `KEY_NOT_DETERMINISTIC`, `STATE_BEFORE_MERGE`, `STATE_CONCURRENCY`
 */
export function checkStateful(name: string, fn: StatefulDoFn, input: CollectionNode): void {
  checkStates(name, fn.state ?? {});
  checkTimers(name, fn.timers ?? {}, fn.onTimer ?? {});
  if (fn.onWindowExpiration !== undefined && Object.keys(fn.state ?? {}).length === 0) {
    throw new PipelineError('EXPIRATION_WITHOUT_STATE', `'${name}' has onWindowExpiration, but no state`, {
      hint: 'a window expires for keys that have state; declare it under `state`, or set an event-time timer',
    });
  }
  if (!isKeyed(fn)) return;
  if ((fn.concurrency ?? 1) !== 1) {
    throw new PipelineError('STATE_CONCURRENCY', `'${name}' has state and a concurrency of ${fn.concurrency}`, {
      hint: 'elements of a stateful DoFn are processed one after another; leave `concurrency` out',
    });
  }
  settleKvCoder(input, name);
  const { windowFn, alreadyMerged } = input.windowing;
  if (windowFn.merge !== undefined && !alreadyMerged) {
    throw new PipelineError('STATE_BEFORE_MERGE', `'${name}' has state in windows that are not merged yet`, {
      hint: 'a session is known only after a grouping: put groupByKey() before it, or keep the state in other windows',
    });
  }
}

const KINDS: ReadonlySet<unknown> = new Set(['value', 'bag', 'combining', 'map', 'multimap', 'set', 'orderedList']);

function checkStates(name: string, states: StateSpecs): void {
  checkNames(name, 'state', states, 'STATE_INVALID');
  for (const [local, spec] of Object.entries(states)) {
    if (KINDS.has(spec?.kind)) continue;
    throw new PipelineError('STATE_INVALID', `The state '${local}' of '${name}' is declared by ${typeof spec}`, {
      hint: 'declare it with state: state.value(), state.bag(coders.string), …',
    });
  }
}

function checkTimers(name: string, timers: TimerSpecs, handlers: Readonly<Record<string, unknown>>): void {
  checkNames(name, 'timer', timers, 'TIMER_INVALID');
  for (const [local, spec] of Object.entries(timers)) {
    if (spec?.domain !== 'event' && spec?.domain !== 'processing') {
      throw new PipelineError('TIMER_INVALID', `The timer '${local}' of '${name}' is declared by ${typeof spec}`, {
        hint: 'declare it with timer: timer.eventTime(), timer.processingTime(), …',
      });
    }
    if (typeof ownHandler(handlers, local) === 'function') continue;
    throw new PipelineError('TIMER_UNHANDLED', `Nothing in '${name}' handles its timer '${local}'`, {
      hint: `onTimer: { ${local}(key, context) { … } }`,
    });
  }
  for (const local of Object.keys(handlers)) {
    if (Object.hasOwn(timers, local)) continue;
    const known = Object.keys(timers);
    throw new PipelineError('TIMER_UNDECLARED', `onTimer of '${name}' handles '${local}', which is no timer of it`, {
      hint: known.length === 0 ? `timers: { ${local}: timer.eventTime() }` : `its timers are ${known.join(', ')}`,
    });
  }
}

function ownHandler(handlers: Readonly<Record<string, unknown>>, local: string): unknown {
  return Object.hasOwn(handlers, local) ? handlers[local] : undefined;
}

function checkNames(name: string, what: string, specs: Readonly<Record<string, unknown>>, code: string): void {
  const names = Object.keys(specs);
  if (names.length > MAX_DECLARED) {
    throw new PipelineError(code, `'${name}' declares ${names.length} ${what}s, more than ${MAX_DECLARED}`, {
      hint: what === 'state' ? 'use a map state' : 'use a family of timers, which are told apart by tags',
    });
  }
  for (const local of names) {
    if (local.length > 0 && local.length <= MAX_NAME && local !== '__proto__' && local.isWellFormed()) continue;
    throw new PipelineError(code, `A ${what} of '${name}' is called ${JSON.stringify(local.slice(0, MAX_NAME))}`, {
      hint: `a name has 1 to ${MAX_NAME} characters and is not __proto__`,
    });
  }
}
