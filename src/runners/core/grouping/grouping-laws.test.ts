import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { arbitraryTrigger } from '../../../../test/support/arbitrary-trigger.ts';
import { colouredWindows } from '../../../../test/support/bucket-windows.ts';
import { type Fired, GroupingDriver } from '../../../../test/support/grouping-driver.ts';
import { ReferenceGrouping } from '../../../../test/support/reference-grouping.ts';
import { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import type { CombineFn } from '../../../sdk/combine/combine-fn.ts';
import { MillraceError } from '../../../sdk/errors.ts';
import { isSafe, triggerText } from '../../../sdk/triggers/trigger-rules.ts';
import { afterCount, afterWatermark, repeatedly } from '../../../sdk/triggers/triggers.ts';
import { fixed } from '../../../sdk/windows/fixed-windows.ts';
import { GLOBAL_WINDOWING, globalWindows } from '../../../sdk/windows/global-windows.ts';
import type { PaneInfo } from '../../../sdk/windows/pane-info.ts';
import { mergeOverlapping, sessions } from '../../../sdk/windows/session-windows.ts';
import { sliding } from '../../../sdk/windows/sliding-windows.ts';
import { MAX_TIMESTAMP } from '../../../sdk/windows/timestamp.ts';
import { GLOBAL_WINDOW, type IntervalWindow, type Window } from '../../../sdk/windows/window.ts';
import type { WindowFn } from '../../../sdk/windows/window-fn.ts';
import type { WindowingStrategy } from '../../../sdk/windows/windowing-strategy.ts';

fc.configureGlobal({ seed: 5 });

/** What happens to one key; times are relative to those before. */
type Event =
  | { readonly kind: 'elements'; readonly behind: readonly number[] }
  | { readonly kind: 'watermark'; readonly by: number }
  | { readonly kind: 'processingTime'; readonly by: number }
  | { readonly kind: 'restart' };

const events = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .array(fc.integer({ min: -15, max: 40 }), { minLength: 1, maxLength: 4 })
        .map((behind) => ({ kind: 'elements' as const, behind })),
    },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 30 }).map((by) => ({ kind: 'watermark' as const, by })) },
    { weight: 2, arbitrary: fc.integer({ min: 1, max: 12 }).map((by) => ({ kind: 'processingTime' as const, by })) },
    { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
  ),
  { maxLength: 40, size: 'medium' },
);

const windowFns: readonly (readonly [string, WindowFn<Window>])[] = [
  ['global', globalWindows()],
  ['fixed', fixed('10ms')],
  ['sliding', sliding({ size: '15ms', every: '5ms' })],
  ['sessions', sessions({ gap: '8ms' })],
  [
    'sessions by another function',
    { ...sessions({ gap: '8ms' }), merge: (w) => mergeOverlapping(w as IntervalWindow[]) },
  ],
  ['windows of an own type', colouredWindows(8, 30) as unknown as WindowFn<Window>],
];

const windowings = fc.record({
  windowing: fc.record({
    windowFn: fc.constantFrom(...windowFns.map(([, windowFn]) => windowFn)),
    timestampCombiner: fc.constantFrom('endOfWindow', 'earliest', 'latest'),
    alreadyMerged: fc.constant(false),
    allowedLateness: fc.constantFrom(0, 12, 100),
    accumulation: fc.constantFrom('discarding', 'accumulating'),
    trigger: arbitraryTrigger(),
    closing: fc.constantFrom('fireIfNonEmpty', 'fireAlways'),
    onTime: fc.constantFrom('fireAlways', 'fireIfNonEmpty'),
  }) as fc.Arbitrary<WindowingStrategy>,
  events,
});

/** Runs the events, then lets time end; gives the panes of each step. */
function drive(
  windowing: WindowingStrategy,
  all: readonly Event[],
  onStep: (driver: GroupingDriver, fired: Fired[], step: Step) => void,
  fn?: CombineFn<never, unknown, unknown>,
): GroupingDriver {
  const driver = new GroupingDriver(windowing, fn);
  driver.clock.watermark = 0;
  let value = 0;
  for (const event of [...all, { kind: 'watermark', by: MAX_TIMESTAMP } as const]) {
    const { clock } = driver;
    const step: Step = {
      elements: [],
      watermark: clock.watermark,
      processingTime: clock.processingTime,
      holdBefore: driver.state.hold,
    };
    if (event.kind === 'restart') {
      const { nextEventTime, nextProcessingTime, hold } = driver.state;
      driver.restart();
      const { state } = driver;
      assert.deepEqual(
        [state.nextEventTime, state.nextProcessingTime, state.hold],
        [nextEventTime, nextProcessingTime, hold],
      );
      continue;
    }
    if (event.kind === 'elements') {
      step.elements.push(
        ...event.behind.map((behind): [number, number] => [value++, Math.min(clock.watermark, 1e6) + behind]),
      );
      onStep(driver, driver.input(...step.elements), step);
    } else if (event.kind === 'watermark') {
      step.watermark = Math.min(clock.watermark + event.by, MAX_TIMESTAMP);
      onStep(driver, driver.watermark(step.watermark), step);
    } else {
      step.processingTime = clock.processingTime + event.by;
      onStep(driver, driver.processingTime(step.processingTime), step);
    }
  }
  return driver;
}

interface Step {
  readonly elements: [number, number][];
  watermark: number;
  processingTime: number;
  readonly holdBefore: number;
}

function paneText(window: Window, timestamp: number, pane: PaneInfo, values: unknown): string {
  const { timing, first, last, index, nonSpeculativeIndex } = pane;
  const marks = `${first ? ' first' : ''}${last ? ' last' : ''}`;
  return `${window} at ${timestamp}: ${timing} ${index}/${nonSpeculativeIndex}${marks} [${values}]`;
}

const numbers = (values: unknown) => (values as number[]).toSorted((a, b) => a - b);
const textOf = ({ value, timestamp, window, pane }: Fired) => paneText(window, timestamp, pane, numbers(value));

describe('a grouping', () => {
  test('does what the reference says, whatever the trigger, and whenever it is written out and read again', () => {
    fc.assert(
      fc.property(windowings, ({ windowing, events }) => {
        const reference = new ReferenceGrouping(windowing);
        reference.watermark = 0;
        const driver = drive(windowing, events, ({ state }, fired, { elements, watermark, processingTime }) => {
          for (const [value, time] of elements) reference.element(value, time);
          reference.watermark = watermark;
          reference.processingTime = processingTime;
          reference.step();
          const expected = reference
            .take()
            .map(({ values, timestamp, window, pane }) => paneText(window, timestamp, pane, numbers(values)));
          assert.deepEqual(fired.map(textOf).sort(), expected.sort());
          assert.equal(state.hold, reference.hold);
          assert.ok(state.nextEventTime > watermark && state.nextProcessingTime > processingTime);
        });
        assert.deepEqual(
          driver.dropped.map(({ value }) => value),
          reference.dropped,
        );
        assert.ok(driver.state.isEmpty);
        assert.equal(driver.state.nextEventTime, Number.POSITIVE_INFINITY);
        assert.equal(driver.state.nextProcessingTime, Number.POSITIVE_INFINITY);
      }),
      { numRuns: 600 },
    );
  });

  test('with a safe trigger loses nothing and repeats nothing', () => {
    fc.assert(
      fc.property(windowings, ({ windowing: strategy, events }) => {
        fc.pre(isSafe(strategy.trigger, strategy.allowedLateness));
        const windowing: WindowingStrategy = { ...strategy, accumulation: 'discarding' };
        const given: number[] = [];
        const shown: number[] = [];
        const driver = drive(windowing, events, (_driver, fired, { elements }) => {
          for (const [value, time] of elements)
            for (const _ of windowing.windowFn.assign(time as never, value, GLOBAL_WINDOW)) given.push(value);
          for (const { value } of fired) shown.push(...(value as number[]));
        });
        assert.ok(driver.dropped.every(({ reason }) => reason === 'expired'));
        const dropped = driver.dropped.map(({ value }) => value as number);
        assert.deepEqual(numbers([...shown, ...dropped]), numbers(given));
      }),
      { numRuns: 300 },
    );
  });

  test('numbers the panes of a window one after the other', () => {
    fc.assert(
      fc.property(windowings, ({ windowing, events }) => {
        const open = new Map<string, PaneInfo>();
        const merging = windowing.windowFn.merge !== undefined;
        drive(windowing, events, (_driver, fired) => {
          for (const { window, pane } of fired) {
            // A merged window that comes into being anew starts anew.
            const before = pane.first && merging ? undefined : open.get(`${window}`);
            open.set(`${window}`, pane);
            assert.equal(pane.first, before === undefined);
            assert.equal(pane.index, (before?.index ?? -1) + 1);
            assert.equal(before?.last ?? false, false);
            const early = pane.timing === 'EARLY';
            assert.equal(pane.nonSpeculativeIndex, early ? -1 : (before?.nonSpeculativeIndex ?? -1) + 1);
            if (before !== undefined && before.timing !== 'EARLY') assert.equal(pane.timing, 'LATE');
          }
        });
      }),
      { numRuns: 300 },
    );
  });

  test('gives no pane that is late for what is downstream, but those it calls late, and these before they are dropped', () => {
    fc.assert(
      fc.property(windowings, ({ windowing, events }) => {
        let inputBefore = 0;
        let output = 0;
        drive(windowing, events, ({ state }, fired, { watermark }) => {
          for (const { window, timestamp, pane } of fired) {
            const expiry = window.maxTimestamp + windowing.allowedLateness;
            assert.ok(expiry >= output, `${window} has expired downstream at ${output}`);
            if (pane.timing !== 'LATE') assert.ok(timestamp >= output, `${timestamp} is behind ${output}`);
            assert.ok(timestamp <= window.maxTimestamp);
            if (pane.timing === 'EARLY') assert.ok(inputBefore <= window.maxTimestamp);
          }
          inputBefore = watermark;
          output = Math.max(output, Math.min(watermark, state.hold));
        });
      }),
      { numRuns: 300 },
    );
  });

  test('combines to what collecting and then combining gives', () => {
    const total: CombineFn<number, { sum: number; parts: number[] }, { sum: number; parts: number[] }> = {
      create: () => ({ sum: 0, parts: [] }),
      add: (accumulator, value) => {
        accumulator.sum += value;
        accumulator.parts.push(value);
        return accumulator;
      },
      merge: (accumulators) => {
        const [into, ...others] = accumulators;
        for (const { sum, parts } of others) {
          into.sum += sum;
          into.parts.push(...parts);
        }
        return into;
      },
      // What it gives is the accumulator itself, which later elements change.
      extract: (accumulator) => accumulator,
    };
    fc.assert(
      fc.property(windowings, ({ windowing, events }) => {
        const collected: Fired[] = [];
        drive(windowing, events, (_driver, fired) => collected.push(...fired));
        const combined: Fired[] = [];
        drive(
          windowing,
          events,
          (_driver, fired) => combined.push(...fired),
          total as CombineFn<never, unknown, unknown>,
        );
        assert.deepEqual(
          combined.map(({ value, ...rest }) => textOf({ ...rest, value: (value as { parts: number[] }).parts })),
          collected.map(textOf),
        );
        for (const { value } of combined) {
          const { sum, parts } = value as { sum: number; parts: number[] };
          assert.equal(
            sum,
            parts.reduce((a, b) => a + b, 0),
          );
        }
      }),
      { numRuns: 200 },
    );
  });

  test('refuses bytes that are no state, and takes no others for longer than they are', () => {
    fc.assert(
      fc.property(windowings, fc.nat(), fc.nat(255), fc.boolean(), ({ windowing, events }, place, byte, cut) => {
        const driver = new GroupingDriver(windowing);
        driver.clock.watermark = 0;
        for (const event of events) if (event.kind === 'elements') driver.input(...event.behind);
        const out = new ByteWriter();
        driver.grouping.encode(driver.state, out);
        const bytes = out.copy();
        if (cut) {
          const part = new ByteReader(bytes.subarray(0, place % bytes.length));
          assert.throws(() => driver.grouping.decode(part), { code: 'CODER_TRUNCATED' });
          return;
        }
        bytes[place % bytes.length] = byte;
        try {
          driver.grouping.decode(new ByteReader(bytes));
        } catch (error) {
          assert.ok(error instanceof MillraceError, String(error));
        }
      }),
      { numRuns: 300 },
    );
  });

  test('gives the same however its elements are cut into steps, where time stands still', () => {
    const triggers = [repeatedly(afterCount(3)), afterWatermark({ early: afterCount(2), late: afterCount(1) })];
    for (const trigger of triggers) {
      const windowing: WindowingStrategy = {
        ...GLOBAL_WINDOWING,
        windowFn: fixed('10ms') as WindowFn<Window>,
        trigger,
      };
      const times = [1, 12, 3, 4, 15, 16, 7, 8];
      const one = new GroupingDriver(windowing);
      const together = one.input(...times).map(textOf);
      const other = new GroupingDriver(windowing);
      const apart = times.flatMap((time) => other.input(time)).map(textOf);
      assert.deepEqual(apart, together, triggerText(trigger));
    }
  });
});
