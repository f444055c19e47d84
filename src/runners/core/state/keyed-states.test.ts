import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { keyCoder } from '../../../sdk/coders/default-coder.ts';
import {
  type BagState,
  coders,
  type MapState,
  state,
  type Timer,
  type TimerFamily,
  type TimerOptions,
  type Timestamp,
  timer,
  type ValueState,
} from '../../../sdk/index.ts';
import { fixed } from '../../../sdk/windows/fixed-windows.ts';
import { GLOBAL_WINDOWING } from '../../../sdk/windows/global-windows.ts';
import { NO_FIRING } from '../../../sdk/windows/pane-info.ts';
import { MAX_TIMESTAMP, MIN_TIMESTAMP } from '../../../sdk/windows/timestamp.ts';
import { GLOBAL_WINDOW, IntervalWindow, type Window } from '../../../sdk/windows/window.ts';
import type { WindowFn } from '../../../sdk/windows/window-fn.ts';
import { KeyedStates } from './keyed-states.ts';
import { LogStateBackend } from './log-state-backend.ts';
import { StateDiskMemory } from './state-disk-memory.ts';

const SIZE = 100;
const LATENESS = 20;
const TIMERS = ['e', 'p', 'es', 'ps'] as const;
type TimerName = (typeof TIMERS)[number];

/** What an element makes the DoFn do with a timer; `chain` times its handler sets it again. */
interface Command {
  readonly timer: TimerName;
  readonly tag: string;
  readonly act: 'set' | 'relative' | 'clear';
  readonly by: number;
  readonly chain: number;
  readonly holds: boolean;
}

type Event =
  | { readonly kind: 'element'; readonly key: string; readonly at: number; readonly commands: readonly Command[] }
  | { readonly kind: 'watermark'; readonly by: number }
  | { readonly kind: 'time'; readonly by: number }
  | { readonly kind: 'restart' };

const command: fc.Arbitrary<Command> = fc.record({
  timer: fc.constantFrom(...TIMERS),
  tag: fc.constantFrom('', 'x', 'y'),
  act: fc.constantFrom('set', 'set', 'relative', 'clear'),
  by: fc.nat(12).map((n) => n * 10),
  chain: fc.nat(2),
  holds: fc.boolean(),
});

const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('element' as const),
      key: fc.constantFrom('a', 'b'),
      at: fc.nat(250),
      commands: fc.array(command, { maxLength: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('watermark' as const), by: fc.nat(80) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('time' as const), by: fc.nat(80) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
);

interface Options {
  readonly sorts: boolean;
  readonly expires: boolean;
}

/** Plays events with the real thing, and notes what happens to each key and window. */
function play(
  events: readonly Event[],
  { sorts, expires }: Options,
): { trace: Map<string, string[]>; holds: number[] } {
  const backend = new LogStateBackend(new StateDiskMemory());
  const fn = {
    state: { log: state.bag<number>(), chains: state.map<string, number>() },
    timers: {
      e: timer.eventTime(),
      p: timer.processingTime(),
      es: timer.eventTimeFamily(),
      ps: timer.processingTimeFamily(),
    },
    requiresTimeSortedInput: sorts,
    ...(expires ? { onWindowExpiration: () => {} } : {}),
    process: () => {},
  };
  const make = () =>
    new KeyedStates({
      transform: 'T',
      fn: fn as never,
      windowing: {
        ...GLOBAL_WINDOWING,
        windowFn: fixed(`${SIZE}ms`) as unknown as WindowFn<Window>,
        allowedLateness: LATENESS,
      },
      keyCoder: keyCoder as never,
      valueCoder: coders.default(),
      backend,
      budget: 2000,
    });
  let states = make();
  states.processingTime = 0 as Timestamp;
  const trace = new Map<string, string[]>();
  const holds: number[] = [];
  const note = (key: unknown, window: Window, text: string) => {
    const name = `${key} ${window.maxTimestamp}`;
    trace.set(name, [...(trace.get(name) ?? []), text]);
  };
  const handles = () => ({
    log: states.state.log as BagState<number>,
    chains: states.state.chains as MapState<string, number>,
  });
  const set = ({ timer: name, tag, act, by, holds: held }: Command, window: Window) => {
    const options: TimerOptions = held ? {} : { outputTimestamp: 'none' };
    const start = window.maxTimestamp + 1 - SIZE;
    const at = Math.min(name === 'e' || name === 'es' ? start + by : by, window.maxTimestamp + LATENESS) as Timestamp;
    if (name === 'e' || name === 'p') {
      const handle = states.timers[name] as Timer;
      if (act === 'clear') handle.clear();
      else if (act === 'set') handle.set(at, options);
      else handle.setRelative(`${by}ms`, options);
    } else {
      const handle = states.timers[name] as TimerFamily;
      if (act === 'clear') handle.clear(tag);
      else if (act === 'set') handle.set(tag, at, options);
      else handle.setRelative(tag, `${by}ms`, options);
    }
  };
  let counter = 0;
  const process = (key: unknown, window: Window, n: number, commands: readonly Command[]) => {
    handles().log.add(n);
    for (const each of commands) {
      handles().chains.put(each.timer + (each.timer.endsWith('s') ? each.tag : ''), each.chain);
      set(each, window);
    }
    note(key, window, `element ${n} at ${states.timestamp}: ${[...handles().log.read()]}`);
  };
  const fire = () => {
    for (let next = states.take(); next !== undefined; next = states.take()) {
      const { key, window, due } = next;
      if (due.kind === 'element') {
        const [n, commands] = due.element.value as [number, Command[]];
        assert.ok(states.enter([key, due.element.value], due.element.timestamp, window, due.element.pane));
        process(key, window, n, commands);
      } else if (due.kind === 'expiration') {
        if (expires) note(key, window, `expired at ${states.timestamp}: ${[...handles().log.read()]}`);
        states.expire();
      } else {
        const { at, tag } = due.timer;
        note(key, window, `${due.name}/${tag} of ${at} at ${states.timestamp}: ${[...handles().log.read()]}`);
        const chain = handles().chains.get(due.name + tag) ?? 0;
        if (chain > 0) {
          handles().chains.put(due.name + tag, chain - 1);
          set({ timer: due.name as TimerName, tag, act: 'relative', by: 30, chain: 0, holds: true }, window);
        }
      }
    }
  };
  for (const each of [...events, { kind: 'watermark', by: Number.POSITIVE_INFINITY } as const]) {
    switch (each.kind) {
      case 'element': {
        const start = Math.floor(each.at / SIZE) * SIZE;
        const window = new IntervalWindow(start as Timestamp, (start + SIZE) as Timestamp);
        const n = counter++;
        if (states.enter([each.key, [n, each.commands]], each.at, window, NO_FIRING))
          process(each.key, window, n, each.commands);
        break;
      }
      case 'watermark': {
        const from = states.watermark === MIN_TIMESTAMP ? 0 : states.watermark;
        states.watermark = Math.min(from + each.by, MAX_TIMESTAMP) as Timestamp;
        break;
      }
      case 'time':
        states.processingTime = (states.processingTime + each.by) as Timestamp;
        break;
      case 'restart': {
        const { watermark, processingTime } = states;
        states.flush();
        backend.commit();
        states = make();
        states.watermark = watermark;
        states.processingTime = processingTime;
        states.restore();
      }
    }
    fire();
    holds.push(states.hold);
  }
  assert.equal(states.nextEventTime, Number.POSITIVE_INFINITY, 'nothing is left');
  assert.equal(states.nextProcessingTime, Number.POSITIVE_INFINITY, 'nothing is left');
  assert.equal(states.hold, MAX_TIMESTAMP, 'nothing is held');
  states.flush();
  const left: unknown[] = [];
  backend.scan('T', (key) => left.push(key));
  assert.deepEqual(left, [], 'nothing is stored');
  return { trace, holds };
}

interface PlainTimer {
  readonly name: TimerName;
  readonly tag: string;
  readonly at: number;
  readonly output: number | undefined;
}

/** One key and window of the slow reference: a list of timers, looked through again for every firing. */
class PlainWindow {
  readonly max: number;
  readonly trace: string[] = [];
  #log: number[] = [];
  readonly #chains = new Map<string, number>();
  #timers: PlainTimer[] = [];
  #buffer: { n: number; at: number; commands: readonly Command[] }[] = [];
  #exists = false;
  readonly #options: Options;

  constructor(max: number, options: Options) {
    this.max = max;
    this.#options = options;
  }

  get #expiry(): number {
    return this.max + LATENESS;
  }

  element(n: number, at: number, commands: readonly Command[], watermark: number, time: number): void {
    if (this.#expiry < watermark) return;
    this.#exists = true;
    if (!this.#options.sorts) return this.#process(n, at, commands, watermark, time);
    if (at + LATENESS < watermark) return;
    this.#buffer.push({ n, at, commands });
    this.#buffer.sort((a, b) => a.at - b.at);
  }

  #process(n: number, at: number, commands: readonly Command[], watermark: number, time: number): void {
    this.#log.push(n);
    for (const each of commands) {
      this.#chains.set(each.timer + (each.timer.endsWith('s') ? each.tag : ''), each.chain);
      this.#set(each, at, watermark, time);
    }
    this.trace.push(`element ${n} at ${at}: ${this.#log}`);
  }

  #set(
    { timer: name, tag: anyTag, act, by, holds }: Command,
    timestamp: number,
    watermark: number,
    time: number,
  ): void {
    const isEvent = name.startsWith('e');
    const tag = name.endsWith('s') ? anyTag : '';
    if (!isEvent && watermark >= MAX_TIMESTAMP && act !== 'clear') return;
    this.#timers = this.#timers.filter((each) => each.name !== name || each.tag !== tag);
    if (act === 'clear') return;
    let at = isEvent ? this.max + 1 - SIZE + by : by;
    if (act === 'relative') at = (isEvent ? watermark : time) + by;
    if (isEvent || act === 'set') at = Math.min(at, this.#expiry);
    const output = holds ? (isEvent ? at : Math.min(timestamp, this.#expiry)) : undefined;
    this.#timers.push({ name, tag, at, output });
  }

  fire(watermark: number, time: number): void {
    while (this.#fireOne(watermark, time));
  }

  #fireOne(watermark: number, time: number): boolean {
    const now = watermark >= MAX_TIMESTAMP ? Number.POSITIVE_INFINITY : time;
    const first = (domain: string) =>
      this.#timers.filter(({ name }) => name.startsWith(domain)).sort((a, b) => a.at - b.at)[0];
    const processing = first('p');
    if (processing !== undefined && processing.at <= now) return this.#call(processing, watermark, time);
    const event = first('e');
    const element = this.#buffer[0];
    const elementAt = element === undefined ? Number.POSITIVE_INFINITY : element.at + LATENESS + 1;
    if (event !== undefined && event.at <= watermark && event.at <= elementAt)
      return this.#call(event, watermark, time);
    if (elementAt <= watermark) {
      this.#buffer.shift();
      this.#process(element.n, element.at, element.commands, watermark, time);
      return true;
    }
    if (!this.#exists || this.#expiry >= watermark) return false;
    if (this.#options.expires) this.trace.push(`expired at ${this.#expiry}: ${this.#log}`);
    this.#exists = false;
    this.#timers = [];
    return true;
  }

  #call(timer: PlainTimer, watermark: number, time: number): true {
    this.#timers = this.#timers.filter((each) => each !== timer);
    const { name, tag, at } = timer;
    const timestamp = timer.output ?? Math.min(name.startsWith('e') ? at : watermark, this.#expiry);
    this.trace.push(`${name}/${tag} of ${at} at ${timestamp}: ${this.#log}`);
    const chain = this.#chains.get(name + tag) ?? 0;
    if (chain > 0) {
      this.#chains.set(name + tag, chain - 1);
      this.#set({ timer: name, tag, act: 'relative', by: 30, chain: 0, holds: true }, timestamp, watermark, time);
    }
    return true;
  }

  get hold(): number {
    let hold: number = MAX_TIMESTAMP;
    for (const { output = hold } of this.#timers) hold = Math.min(hold, output);
    for (const { at } of this.#buffer) hold = Math.min(hold, at);
    return this.#exists && this.#options.expires ? Math.min(hold, this.#expiry) : hold;
  }
}

function playPlainly(events: readonly Event[], options: Options): { trace: Map<string, string[]>; holds: number[] } {
  const windows = new Map<string, PlainWindow>();
  const holds: number[] = [];
  let watermark: number = MIN_TIMESTAMP;
  let time = 0;
  let counter = 0;
  for (const each of [...events, { kind: 'watermark', by: Number.POSITIVE_INFINITY } as const]) {
    if (each.kind === 'element') {
      const max = Math.floor(each.at / SIZE) * SIZE + SIZE - 1;
      const name = `${each.key} ${max}`;
      const window = windows.get(name) ?? new PlainWindow(max, options);
      windows.set(name, window);
      window.element(counter++, each.at, each.commands, watermark, time);
    } else if (each.kind === 'watermark') {
      watermark = Math.min((watermark === MIN_TIMESTAMP ? 0 : watermark) + each.by, MAX_TIMESTAMP);
    } else if (each.kind === 'time') time += each.by;
    for (const window of windows.values()) window.fire(watermark, time);
    holds.push(Math.min(MAX_TIMESTAMP, ...[...windows.values()].map(({ hold }) => hold)));
  }
  const trace = new Map(
    [...windows].filter(([, window]) => window.trace.length > 0).map(([name, window]) => [name, window.trace]),
  );
  return { trace, holds };
}

for (const sorts of [false, true]) {
  for (const expires of [false, true]) {
    test(`timers and windows go as in the plain reference, ${sorts ? 'sorted' : 'unsorted'}, ${expires ? 'with' : 'without'} expiration`, () => {
      fc.assert(
        fc.property(fc.array(event, { maxLength: 40, size: 'max' }), (events) => {
          const real = play(events, { sorts, expires });
          const plain = playPlainly(events, { sorts, expires });
          assert.deepEqual(new Map([...real.trace].sort()), new Map([...plain.trace].sort()));
          assert.deepEqual(real.holds, plain.holds);
        }),
        { numRuns: 200 },
      );
    });
  }
}

test('state and timers mean nothing while no element is at hand', () => {
  const states = new KeyedStates({
    transform: 'T',
    fn: { state: { n: state.value<number>() }, timers: { t: timer.eventTime() }, process: () => {} } as never,
    windowing: GLOBAL_WINDOWING,
    keyCoder: keyCoder as never,
    valueCoder: coders.default(),
    backend: new LogStateBackend(new StateDiskMemory()),
    budget: 0,
  });
  assert.ok(states.enter(['a', 1], 0, GLOBAL_WINDOW, NO_FIRING));
  const [n, t] = [states.state.n as ValueState<number>, states.timers.t as Timer];
  n.write(1);
  states.release();
  assert.equal(n.read(), undefined);
  assert.throws(() => n.write(2), { code: 'STATE_UNBOUND' });
  assert.throws(() => t.set(0 as Timestamp), { code: 'STATE_UNBOUND' });
  assert.throws(() => t.setRelative('1s'), { code: 'STATE_UNBOUND' });
});
