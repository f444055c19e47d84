import type { Coder } from '../../../sdk/coders/coder.ts';
import { PipelineError, RunnerError } from '../../../sdk/errors.ts';
import type { StateLayout, StateSpecs } from '../../../sdk/state/state-spec.ts';
import type { TimerSpecs } from '../../../sdk/state/timer.ts';
import { StateCell } from './state-cells.ts';

/** What stored entries call the states and timers of a DoFn. Names keep their numbers as long as the state is kept. */
interface Numbers {
  /** Name and layout, by number. */
  readonly states: (readonly [name: string, layout: string])[];
  readonly timers: (readonly [name: string, domain: string])[];
  /** What is no longer declared, in words: who runs the pipeline has been told. */
  readonly gone?: readonly string[];
}

/** Of the layout of entries too. */
const VERSION = 2;

/** The numbers by which stored entries refer to declared states and timers. */
export class StateNumbers {
  readonly cells: ReadonlyMap<number, StateCell>;
  readonly timers: ReadonlyMap<string, number>;
  /** What the earlier run declared and this one does not, in words: `the state 'count'`. */
  readonly gone: readonly string[];
  readonly #numbers: Numbers;

  /**
   * @param stored what `bytes` gave in an earlier run: names of it keep their numbers, new ones come after them, and the
   * contents of names that are gone are dropped when they are read.
   * @throws RunnerError `CHECKPOINT_INCOMPATIBLE` when a name now stands for a state of another kind, coder or CombineFn, or
   * a timer of another time.
   */
  constructor(transform: string, states: StateSpecs, timers: TimerSpecs, stored: Uint8Array | undefined) {
    const numbers: Numbers = stored === undefined ? { states: [], timers: [] } : parse(stored);
    const cells = new Map<number, StateCell>();
    for (const [name, spec] of Object.entries(states)) {
      cells.set(numberOf(transform, 'state', numbers.states, name, layoutText(spec)), new StateCell(name, spec));
    }
    const timerNumbers = new Map<string, number>();
    for (const [name, { domain }] of Object.entries(timers)) {
      timerNumbers.set(name, numberOf(transform, 'timer', numbers.timers, name, `${domain} time`));
    }
    this.cells = cells;
    this.timers = timerNumbers;
    const gone = [
      ...numbers.states.filter(([name]) => !Object.hasOwn(states, name)).map(([name]) => `the state '${name}'`),
      ...numbers.timers.filter(([name]) => !Object.hasOwn(timers, name)).map(([name]) => `the timer '${name}'`),
    ];
    this.gone = gone.filter((each) => numbers.gone?.includes(each) !== true);
    this.#numbers = { ...numbers, gone };
  }

  /** What a later run needs to read the entries of this one. */
  get bytes(): Uint8Array {
    return Buffer.from(JSON.stringify({ version: VERSION, ...this.#numbers }), 'utf8');
  }
}

function numberOf(
  transform: string,
  what: string,
  known: (readonly [name: string, kind: string])[],
  name: string,
  kind: string,
): number {
  const at = known.findIndex(([each]) => each === name);
  if (at < 0) return known.push([name, kind]) - 1;
  if (known[at][1] === kind) return at;
  const change = `the ${what} '${name}' of '${transform}' was ${known[at][1]} and is ${kind}`;
  throw new RunnerError('CHECKPOINT_INCOMPATIBLE', `The pipeline cannot go on from its checkpoint: ${change}`, {
    transform,
    hint: `give the new ${what} another name; or drain the old pipeline and begin in a new checkpointDir`,
  });
}

function layoutText(layout: StateLayout): string {
  const coders = 'key' in layout ? [layout.key, layout.value] : [layout.coder];
  // Accumulators of different CombineFns may have the same coder.
  const combineFn = layout.kind === 'combining' ? (layout.fn.name ?? '') : '';
  return `${combineFn === '' ? layout.kind : `${layout.kind} ${combineFn}`} of ${coders.map(coderText).join(', ')}`;
}

function parse(stored: Uint8Array): Numbers {
  const { version, ...numbers } = JSON.parse(Buffer.from(stored).toString('utf8')) as Numbers & { version: number };
  if (version === VERSION) return numbers;
  throw new PipelineError('STATE_VERSION', `State of version ${version} cannot be read; this program reads ${VERSION}`);
}

function coderText({ urn, payload, components }: Coder<unknown>): string {
  const own =
    payload === undefined || payload.length === 0 ? urn : `${urn}[${Buffer.from(payload).toString('base64')}]`;
  return components.length === 0 ? own : `${own}<${components.map(coderText).join(',')}>`;
}
