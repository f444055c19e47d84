import {
  after,
  asIterable,
  coders,
  count,
  fixed,
  impulse,
  type KV,
  MIN_TIMESTAMP,
  OffsetRangeTracker,
  offsetRangeCoder,
  type PCollection,
  type Pipeline,
  resume,
  sessions,
  splittableParDo,
  state,
  sum,
  type Timestamp,
  timer,
  type Window,
} from '../../../src/sdk/index.ts';
import type { Outside } from './outside.ts';

/** What the pipelines see of the simulated world. */
export interface StreamWorld {
  readonly outside: Outside;
  /** In [0, 1), by the seed; never used for what an element is. */
  random(): number;
  /** Virtual milliseconds. */
  sleep(millis: number): Promise<void>;
  /** Fails now and then. */
  mayFail(): void;
}

/** Events of the stream; what they are depends on their offset alone. */
const EVENTS = 300;
const KEYS = 7;
/** Characters of which a few are too many for an entry. */
const LARGE = 15_000;

/** An unbounded source whose calls end, pause and resume at random places, with its watermark behind its events. */
function events(p: Pipeline, world: StreamWorld): PCollection<KV<string, number>, Window> {
  return p.apply(impulse()).apply(
    'Events',
    splittableParDo<Uint8Array, { start: number; end: number }, number, KV<string, number>, {}, {}, Window>('Read', {
      unbounded: true,
      restriction: {
        coder: offsetRangeCoder,
        initial: () => ({ start: 0, end: EVENTS }),
        split: (_, { start, end }) => [
          { start, end: Math.floor(end / 3) },
          { start: Math.floor(end / 3), end },
        ],
        tracker: (range) => new OffsetRangeTracker(range),
      },
      async *process(_, { tracker, watermark }) {
        let offset = tracker.current().start;
        for (;;) {
          const values: KV<string, number>[] = [];
          const timestamps: number[] = [];
          const most = 1 + Math.floor(world.random() * 20);
          while (values.length < most) {
            if (!tracker.tryClaim(offset)) {
              if (values.length > 0) yield { values, timestamps };
              return;
            }
            values.push([`key${(offset * 5) % KEYS}`, offset]);
            timestamps.push(timeOf(offset));
            offset++;
          }
          yield { values, timestamps };
          watermark.set((offset * 10 - 30) as Timestamp);
          if (world.random() < 0.3) await world.sleep(world.random() * 50);
          if (world.random() < 0.1) return resume(`${Math.floor(world.random() * 40)}ms`);
        }
      },
    }),
  );
}

/** Events are up to 20 ms out of order. */
function timeOf(offset: number): number {
  return offset * 10 + ((offset * 7) % 3) * 10;
}

const partsOf = {
  coder: offsetRangeCoder,
  initial: ([, offset]: KV<string, number>) => ({ start: 0, end: offset % 5 }),
  tracker: (range: { start: number; end: number }) => new OffsetRangeTracker(range),
};

function deliver<T>(
  input: PCollection<T, Window>,
  world: StreamWorld,
  idOf: (element: T, window: Window) => string,
): void {
  input.parDo('Deliver', {
    requiresStableInput: true,
    process(element: T, { window }) {
      world.mayFail();
      world.outside.deliver(idOf(element, window), element);
    },
  });
}

export const streamPipelines = {
  sumsPerWindow(p: Pipeline, world: StreamWorld): void {
    const sums = events(p, world).window(fixed('100ms')).combinePerKey(sum());
    deliver(sums, world, ([key], window) => `${key} ${window}`);
  },

  sessionsOfEvents(p: Pipeline, world: StreamWorld): void {
    const groups = events(p, world)
      .filter('Gaps', ([, offset]) => Math.floor(offset / 20) % 2 === 0)
      .window(sessions({ gap: '80ms' }))
      .groupByKey()
      .map('Sorted', ([key, offsets]) => [key, [...offsets].sort((a, b) => a - b)] as const);
    deliver(groups, world, ([key], window) => `${key} ${window}`);
  },

  besideTotals(p: Pipeline, world: StreamWorld): void {
    const all = events(p, world).window(fixed('200ms'));
    const totals = asIterable(all.map('Offset', ([, offset]) => offset));
    const shares = all.parDo('Share', {
      sides: { totals },
      process([key, offset], { sides }) {
        world.mayFail();
        let total = 0;
        for (const each of sides.totals) total += each;
        return [[key, offset, total] as const];
      },
    });
    deliver(shares, world, ([key, offset]) => `${key} ${offset}`);
  },

  /** Each event has as many parts as its offset modulo 5 says; odd ones go another way. Calls end and resume at random places. */
  partsBesideTotals(p: Pipeline, world: StreamWorld): void {
    const all = events(p, world).window(fixed('200ms'));
    const totals = asIterable(all.map('Offset', ([, offset]) => offset));
    const { main, odd } = all.apply(
      'Parts',
      splittableParDo('Split', {
        restriction: partsOf,
        sides: { totals },
        outputs: { odd: coders.default<string>() },
        async *process([key, offset]: KV<string, number>, { tracker, sides, output, window }) {
          const { start, end } = tracker.current();
          for (let part = start; part < end; part++) {
            if (!tracker.tryClaim(part)) return undefined;
            world.mayFail();
            let total = 0;
            for (const each of sides.totals) total += each;
            const text = `${key} ${offset} ${part} ${total} ${window}`;
            if (part % 2 === 0) yield [text];
            else output('odd', text);
            if (world.random() < 0.2) await world.sleep(world.random() * 30);
            if (world.random() < 0.2 && part + 1 < end) return resume(`${Math.floor(world.random() * 20)}ms`);
          }
          return undefined;
        },
      }),
    );
    deliver(main, world, (text) => `even ${text}`);
    deliver(odd, world, (text) => `odd ${text}`);
  },

  /** Parts that count themselves by key and window; a timer says now and then how many there were, the window's end how many are left. */
  statefulParts(p: Pipeline, world: StreamWorld): void {
    const counts = events(p, world)
      .window(fixed('1s'))
      .apply(
        'Count',
        splittableParDo('Parts', {
          restriction: partsOf,
          state: { parts: state.combining(count()), all: state.bag<string>() },
          timers: { tell: timer.eventTime() },
          async *process([, offset]: KV<string, number>, { tracker, state, timers, timestamp, window, output: _ }) {
            const { start, end } = tracker.current();
            for (let part = start; part < end; part++) {
              if (!tracker.tryClaim(part)) return undefined;
              world.mayFail();
              const before = state.parts.read();
              if (world.random() < 0.2) await world.sleep(world.random() * 30);
              state.parts.add(part);
              if (state.parts.read() !== before + 1) throw new Error('Another call has changed the state meanwhile');
              state.all.add(`${offset}:${part}`);
              timers.tell.set(Math.min(after(timestamp, '150ms'), window.maxTimestamp) as Timestamp);
              if (world.random() < 0.3) yield [];
              if (world.random() < 0.2 && part + 1 < end) return resume(`${Math.floor(world.random() * 20)}ms`);
            }
            return undefined;
          },
          onTimer: {
            tell(key, { state }): KV<string, number>[] {
              const told = state.parts.read();
              state.parts.clear();
              return [[key, told]];
            },
          },
          onWindowExpiration(key, { state }): KV<string, number>[] {
            const all = [...state.all.read()];
            if (new Set(all).size !== all.length) throw new Error(`A part of ${key} was counted twice`);
            return [
              [key, state.parts.read()],
              [key, all.length * 1000],
            ];
          },
        }),
      );
    const totals = counts.combinePerKey(sum());
    deliver(totals, world, ([key], window) => `${key} ${window}`);
  },

  /** Each key's events, counted by a timer now and then, and what is left at a window's end. */
  stateAndTimers(p: Pipeline, world: StreamWorld): void {
    const lists = events(p, world)
      .window(fixed('1s'))
      .parDo('Lists', {
        state: { list: state.bag<number>(), count: state.combining(count()) },
        timers: { cut: timer.eventTime() },
        process([, offset], { state, timers, timestamp, window }) {
          world.mayFail();
          if (state.count.read() === 0) {
            const at = Math.min(after(timestamp, '150ms'), window.maxTimestamp) as Timestamp;
            timers.cut.set(at);
          }
          state.count.add(offset);
          state.list.add(offset);
        },
        onTimer: {
          cut: (key, { state }) => {
            const offsets = [...state.list.read()];
            state.list.clear();
            state.count.clear();
            return [[key, offsets.length] as const];
          },
        },
        onWindowExpiration: (key, { state }) => {
          const left = [...state.list.read()].length;
          return left === 0 ? [] : [[key, left] as const];
        },
      });
    // Which list an event is in depends on the order of arrival; how many there are of each key and window does not.
    const totals = lists.combinePerKey(sum());
    deliver(totals, world, ([key], window) => `${key} ${window}`);
  },

  /** Lists so large that their items lie outside of the keys' entries. */
  largeLists(p: Pipeline, world: StreamWorld): void {
    const lists = events(p, world)
      .filter('Two keys', ([key]) => key < 'key2')
      .window(fixed('1s'))
      .parDo('Lists', {
        state: { bag: state.bag<string>(), list: state.orderedList<string>() },
        process([, offset], { state, timestamp }) {
          world.mayFail();
          const text = `${offset} `.padEnd(LARGE, 'x');
          state.bag.add(text);
          state.list.add({ value: text, timestamp });
          if (offset % 11 === 0) state.list.clearRange(MIN_TIMESTAMP, (timestamp - 100) as Timestamp);
          return [];
        },
        onWindowExpiration: (key, { state }) => {
          const bag = [...state.bag.read()].map((text) => Number.parseInt(text, 10));
          const list = Array.from(state.list.read(), ({ value }) => Number.parseInt(value, 10));
          // Which part of the list is left depends on the order of arrival.
          return [[key, bag.sort((a, b) => a - b), list.every((offset) => bag.includes(offset))] as const];
        },
      });
    deliver(lists, world, ([key], window) => `${key} ${window}`);
  },
} satisfies Record<string, (p: Pipeline, world: StreamWorld) => void>;
