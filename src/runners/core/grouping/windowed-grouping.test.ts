import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Fired, GroupingDriver } from '../../../../test/support/grouping-driver.ts';
import { toList } from '../../../sdk/combine/collect.ts';
import { CombineFailure } from '../../../sdk/combine/combine-failure.ts';
import type { CombineFn } from '../../../sdk/combine/combine-fn.ts';
import { sum } from '../../../sdk/combine/sum.ts';
import type { Trigger } from '../../../sdk/triggers/trigger.ts';
import {
  afterAny,
  afterCount,
  afterEach,
  afterProcessingTime,
  afterWatermark,
  always,
  defaultTrigger,
  never,
  orFinally,
  repeatedly,
} from '../../../sdk/triggers/triggers.ts';
import { fixed } from '../../../sdk/windows/fixed-windows.ts';
import { GLOBAL_WINDOWING, globalWindows } from '../../../sdk/windows/global-windows.ts';
import { sessions } from '../../../sdk/windows/session-windows.ts';
import { sliding } from '../../../sdk/windows/sliding-windows.ts';
import { END_OF_GLOBAL_WINDOW, MAX_TIMESTAMP, MIN_TIMESTAMP } from '../../../sdk/windows/timestamp.ts';
import { IntervalWindow, type Window } from '../../../sdk/windows/window.ts';
import type { WindowFn } from '../../../sdk/windows/window-fn.ts';
import type { WindowingStrategy } from '../../../sdk/windows/windowing-strategy.ts';

const NEVER = Number.POSITIVE_INFINITY;
const minute = 60_000;

function driver(
  windowFn: WindowFn<never>,
  trigger: Trigger,
  options: Partial<WindowingStrategy> = {},
  fn?: CombineFn<never, unknown, unknown>,
): GroupingDriver {
  const windowing = { ...GLOBAL_WINDOWING, ...options, windowFn: windowFn as unknown as WindowFn<Window>, trigger };
  return new GroupingDriver(windowing, fn);
}

/** `[0..10) at 9: EARLY 0 first last = 1,2` with a non-speculative index where it is not that of a single pane. */
function show({ value, timestamp, window, pane }: Fired): string {
  const bounds = window instanceof IntervalWindow ? `[${window.start}..${window.end})` : `${window}`;
  const index = pane.timing === 'EARLY' ? `${pane.index}` : `${pane.index}/${pane.nonSpeculativeIndex}`;
  const marks = `${pane.first ? ' first' : ''}${pane.last ? ' last' : ''}`;
  return `${bounds} at ${timestamp}: ${pane.timing} ${index}${marks} = ${value}`;
}

function expect(fired: readonly Fired[], ...panes: string[]): void {
  assert.deepEqual(fired.map(show), panes);
}

const tens = fixed('10ms') as unknown as WindowFn<never>;
const hundreds = fixed('100ms') as unknown as WindowFn<never>;
const global = globalWindows() as unknown as WindowFn<never>;
const tenSessions = sessions({ gap: '10ms' }) as unknown as WindowFn<never>;

describe('the default trigger', () => {
  test('gives each window once, at its end, and forgets it', () => {
    const d = driver(tens, defaultTrigger());
    d.watermark(0);
    expect(d.input(1, 12, 3));
    assert.deepEqual([d.state.hold, d.state.nextEventTime, d.state.nextProcessingTime], [9, 10, NEVER]);
    expect(d.watermark(9));
    expect(d.watermark(10), '[0..10) at 9: ON_TIME 0/0 first last = 1,3');
    assert.equal(d.state.hold, 19);
    expect(d.input(4));
    assert.deepEqual(d.dropped, [{ value: 4, window: new IntervalWindow(0 as never, 10 as never), reason: 'expired' }]);
    expect(d.watermark(MAX_TIMESTAMP), '[10..20) at 19: ON_TIME 0/0 first last = 12');
    assert.ok(d.state.isEmpty);
    assert.deepEqual([d.state.hold, d.state.nextEventTime], [NEVER, NEVER]);
  });

  test('gives late elements one by one while they are allowed', () => {
    for (const accumulation of ['discarding', 'accumulating'] as const) {
      const d = driver(tens, defaultTrigger(), { allowedLateness: 100, accumulation });
      const both = accumulation === 'accumulating';
      d.watermark(0);
      d.input(1);
      expect(d.watermark(10), '[0..10) at 9: ON_TIME 0/0 first = 1');
      expect(
        d.input(3, 5),
        `[0..10) at 9: LATE 1/1 = ${both ? '1,3' : '3'}`,
        `[0..10) at 9: LATE 2/2 = ${both ? '1,3,5' : '5'}`,
      );
      expect(d.watermark(109));
      expect(d.input(7), `[0..10) at 9: LATE 3/3 = ${both ? '1,3,5,7' : '7'}`);
      expect(d.watermark(110));
      assert.ok(d.state.isEmpty);
    }
  });

  test('gives one last pane when the watermark passes end and lateness at once', () => {
    for (const closing of ['fireAlways', 'fireIfNonEmpty'] as const) {
      for (const windowFn of [tens, tenSessions]) {
        const d = driver(windowFn, defaultTrigger(), { allowedLateness: 50, closing, accumulation: 'accumulating' });
        d.watermark(0);
        d.input(0);
        expect(d.watermark(100), '[0..10) at 9: ON_TIME 0/0 first last = 0');
      }
    }
  });

  test('a window that only late elements came to has no on-time pane', () => {
    const d = driver(tens, defaultTrigger(), { allowedLateness: 100 });
    d.watermark(15);
    expect(d.input(1), '[0..10) at 9: LATE 0/0 first = 1');
    expect(d.watermark(200));
  });

  test('works to both ends of time', () => {
    const d = driver(global, defaultTrigger());
    d.input(MIN_TIMESTAMP, 5, END_OF_GLOBAL_WINDOW);
    expect(d.watermark(END_OF_GLOBAL_WINDOW));
    assert.ok(d.state.nextEventTime > END_OF_GLOBAL_WINDOW && d.state.nextEventTime <= MAX_TIMESTAMP);
    expect(
      d.watermark(MAX_TIMESTAMP),
      `GlobalWindow at ${END_OF_GLOBAL_WINDOW}: ON_TIME 0/0 first last = ${MIN_TIMESTAMP},5,${END_OF_GLOBAL_WINDOW}`,
    );
    assert.ok(d.state.isEmpty);
  });

  test('a lateness that reaches past the end of time ends with it', () => {
    const lateness = 365 * 86_400_000;
    const d = driver(tens, afterWatermark({ late: never() }), { allowedLateness: lateness });
    const time = END_OF_GLOBAL_WINDOW - lateness + 2;
    d.input([13, time]);
    d.input([42, time]);
    assert.equal(d.watermark(END_OF_GLOBAL_WINDOW).length, 1);
    d.input([7, time]);
    const [last] = d.watermark(MAX_TIMESTAMP);
    assert.deepEqual([last.value, last.pane.timing, last.pane.last], [[7], 'LATE', true]);
  });
});

describe('processing time', () => {
  const delayed = repeatedly(afterProcessingTime('10ms'));
  const earliest = { timestampCombiner: 'earliest', accumulation: 'accumulating' } as const;

  test('fires early panes and does not end the window', () => {
    const d = driver(hundreds, delayed, earliest);
    d.processingTime(5000);
    d.input(2, 5);
    assert.equal(d.state.nextProcessingTime, 5010);
    expect(d.processingTime(10_000), '[0..100) at 2: EARLY 0 first = 2,5');
    assert.ok(!d.state.isEmpty);
    assert.equal(d.state.nextProcessingTime, NEVER);
  });

  test('that comes with the end of the window, or after it, gives no pane of its own', () => {
    const d = driver(hundreds, delayed, earliest);
    d.processingTime(5000);
    d.input(2, 5);
    d.clock.processingTime = 5010;
    expect(d.watermark(100), '[0..100) at 2: ON_TIME 0/0 first last = 2,5');
    expect(d.processingTime(6000));
  });

  test('panes at a fixed distance, and what is left when time ends', () => {
    const d = driver(global, repeatedly(afterProcessingTime('3ms')));
    const fired: Fired[] = [];
    for (let time = 0; time < 20; time++) {
      fired.push(...d.processingTime(time));
      fired.push(...d.input(time));
    }
    fired.push(...d.processingTime(24));
    assert.deepEqual(
      fired.map(({ value }) => (value as unknown[]).length),
      [3, 3, 3, 3, 3, 3, 2],
    );
    assert.ok(fired.every(({ pane }, i) => pane.timing === 'EARLY' && pane.index === i));
    expect(d.watermark(MAX_TIMESTAMP), `GlobalWindow at ${END_OF_GLOBAL_WINDOW}: ON_TIME 7/0 last = `);
  });

  test('early, then late: each pane with its own delay', () => {
    const trigger = afterEach(
      orFinally(repeatedly(afterProcessingTime('5ms')), afterWatermark()),
      repeatedly(afterProcessingTime('25ms')),
    );
    const count = { ...sum(), add: (total: number) => total + 1 } as CombineFn<never, unknown, unknown>;
    const d = driver(tens, trigger, { ...earliest, allowedLateness: 100 }, count);
    d.watermark(0);
    d.input(1, 3, 7, 5);
    expect(d.processingTime(6), '[0..10) at 1: EARLY 0 first = 4');
    d.input(8, 4);
    expect(d.watermark(11), '[0..10) at 4: ON_TIME 1/0 = 6');
    d.input(8, 4, 5);
    d.watermark(12);
    d.input(3);
    expect(d.processingTime(15));
    d.input(5);
    expect(d.processingTime(32), '[0..10) at 9: LATE 2/1 = 11');
    d.input(3);
    expect(d.watermark(125), '[0..10) at 9: LATE 3/2 last = 12');
  });

  test('synchronised, it fires once per step, after all that came in it', () => {
    const d = driver(hundreds, repeatedly({ kind: 'afterSynchronizedProcessingTime' }));
    d.processingTime(minute);
    expect(d.input(1, 2, 3), '[0..100) at 99: EARLY 0 first = 1,2,3');
    expect(d.input(4), '[0..100) at 99: EARLY 1 = 4');
  });
});

describe('panes', () => {
  const twoOrEnd = repeatedly(afterAny(afterCount(2), afterWatermark()));

  test('early, on time though empty, and last though empty', () => {
    for (const accumulation of ['discarding', 'accumulating'] as const) {
      const d = driver(tens, twoOrEnd, {
        accumulation,
        allowedLateness: 100,
        timestampCombiner: 'earliest',
        closing: 'fireAlways',
      });
      const again = accumulation === 'accumulating' ? '1,2' : '';
      d.watermark(0);
      expect(d.input(1, 2), '[0..10) at 1: EARLY 0 first = 1,2');
      assert.equal(d.state.hold, 109);
      expect(d.watermark(50), `[0..10) at 9: ON_TIME 1/0 = ${again}`);
      expect(d.watermark(150), `[0..10) at 9: LATE 2/1 last = ${again}`);
    }
  });

  test('empty ones only where they are wanted', () => {
    const fired = (options: Partial<WindowingStrategy>): string[] => {
      const d = driver(tens, twoOrEnd, { allowedLateness: 100, ...options });
      d.watermark(0);
      return [...d.input(1, 2), ...d.watermark(20), ...d.watermark(250)].map(({ pane }) => pane.timing);
    };
    assert.deepEqual(fired({}), ['EARLY', 'ON_TIME']);
    assert.deepEqual(fired({ closing: 'fireAlways' }), ['EARLY', 'ON_TIME', 'LATE']);
    assert.deepEqual(fired({ onTime: 'fireIfNonEmpty' }), ['EARLY']);
    // The last pane is not the on-time one that was left out.
    assert.deepEqual(fired({ onTime: 'fireIfNonEmpty', closing: 'fireAlways' }), ['EARLY', 'LATE']);
  });

  test('that are left out are not counted', () => {
    const d = driver(tens, afterWatermark({ early: always(), late: always() }), {
      allowedLateness: 100,
      onTime: 'fireIfNonEmpty',
    });
    d.watermark(0);
    expect(d.input(1), '[0..10) at 9: EARLY 0 first = 1');
    expect(d.watermark(12));
    expect(d.input(2), '[0..10) at 9: LATE 1/0 = 2');
  });

  test('the one on time may be the last', () => {
    const d = driver(tens, orFinally(repeatedly(afterCount(2)), afterWatermark()), {
      allowedLateness: 100,
      closing: 'fireAlways',
    });
    d.watermark(0);
    expect(d.input(1, 2), '[0..10) at 9: EARLY 0 first = 1,2');
    expect(d.watermark(15), '[0..10) at 9: ON_TIME 1/0 last = ');
    expect(d.watermark(150));
    const early = driver(tens, afterWatermark({ early: afterCount(1) }), { accumulation: 'accumulating' });
    early.watermark(0);
    expect(early.input(1), '[0..10) at 9: EARLY 0 first = 1');
    expect(early.watermark(11), '[0..10) at 9: ON_TIME 1/0 last = 1');
  });

  test('of a trigger that has finished: the last one, and later elements are dropped', () => {
    const d = driver(tens, orFinally(always(), afterCount(2)), { allowedLateness: 100, accumulation: 'accumulating' });
    d.watermark(0);
    expect(d.input(1, 2), '[0..10) at 9: EARLY 0 first = 1', '[0..10) at 9: EARLY 1 last = 1,2');
    expect(d.input(3));
    assert.deepEqual(
      d.dropped.map(({ value, reason }) => [value, reason]),
      [[3, 'closed']],
    );
    assert.deepEqual([d.state.hold, d.state.nextEventTime], [NEVER, 10]);
    expect(d.watermark(20));
    assert.equal(d.state.nextEventTime, 110);
    expect(d.watermark(110));
    assert.ok(d.state.isEmpty);
  });

  test('elements that wait when the window expires are given out, though no trigger fires', () => {
    const d = driver(tens, repeatedly(afterCount(3)), { allowedLateness: 20 });
    d.watermark(0);
    d.input(1);
    expect(d.watermark(15));
    assert.equal(d.state.hold, 9, 'the output waits for it');
    expect(d.watermark(30), '[0..10) at 9: ON_TIME 0/0 first last = 1');
    const never_ = driver(tens, never(), { allowedLateness: 20 });
    never_.input(1, 2);
    expect(never_.watermark(29));
    expect(never_.watermark(30), '[0..10) at 9: ON_TIME 0/0 first last = 1,2');
  });

  test('of some windows may be closed while others are open', () => {
    const windows = sliding({ size: '100ms', every: '30ms' }) as unknown as WindowFn<never>;
    const d = driver(windows, afterWatermark(), { allowedLateness: 1000 });
    d.input(23, 40);
    d.watermark(70);
    d.input(60);
    assert.equal(d.dropped.length, 1);
    d.watermark(130);
    d.input(40);
    assert.equal(d.dropped.length, 4);
    assert.ok(d.dropped.every(({ reason }) => reason === 'closed'));
  });
});

describe('holds', () => {
  test('are those of elements that are in time, and the expiry for those that are not', () => {
    const d = driver(tens, repeatedly(afterCount(4)), {
      timestampCombiner: 'earliest',
      allowedLateness: 10,
      accumulation: 'accumulating',
    });
    d.watermark(0);
    d.input(1, 3);
    assert.equal(d.state.hold, 1);
    expect(d.input(2, 2), '[0..10) at 1: EARLY 0 first = 1,3,2,2');
    assert.equal(d.state.hold, NEVER);
    d.watermark(4);
    d.input(2, 3);
    assert.equal(d.state.hold, 19, 'behind the watermark');
    d.input(5);
    assert.equal(d.state.hold, 5);
    expect(d.input(4), '[0..10) at 4: EARLY 1 = 1,3,2,2,2,3,5,4');
    d.watermark(8);
    d.input(6, 5);
    assert.equal(d.state.hold, 19);
    expect(d.watermark(10));
    d.input(8);
    // All of its elements were behind the watermark, so its time is the window's end.
    expect(d.watermark(50), '[0..10) at 9: LATE 2/0 last = 1,3,2,2,2,3,5,4,6,5,8');
    assert.equal(d.state.hold, NEVER);
  });

  test('do not end while an earlier element of the window keeps the output back', () => {
    const d = driver(tens, defaultTrigger(), { timestampCombiner: 'earliest' });
    d.input(3);
    d.watermark(8);
    d.input(5);
    assert.equal(d.state.hold, 3);
    expect(d.watermark(10), '[0..10) at 3: ON_TIME 0/0 first last = 3,5');
  });

  test('of the latest element rise with it', () => {
    const d = driver(tens, defaultTrigger(), { timestampCombiner: 'latest' });
    d.input(3);
    assert.equal(d.state.hold, 3);
    d.input(7, 5);
    assert.equal(d.state.hold, 7);
    expect(d.watermark(10), '[0..10) at 7: ON_TIME 0/0 first last = 3,7,5');
  });

  test('at the expiry keep a last pane from being late for good', () => {
    const d = driver(tens, afterWatermark({ late: afterCount(2) }), { allowedLateness: 100 });
    d.watermark(0);
    d.input(1);
    expect(d.watermark(109), '[0..10) at 9: ON_TIME 0/0 first = 1');
    assert.equal(d.state.hold, NEVER);
    d.input(2);
    assert.equal(d.state.hold, 109);
    expect(d.watermark(110), '[0..10) at 9: LATE 1/1 last = 2');
  });
});

describe('sessions', () => {
  test('merge before they are given out', () => {
    const d = driver(tenSessions, defaultTrigger());
    d.input(1, 10, 30);
    assert.equal(d.state.groups.length, 2);
    expect(
      d.watermark(100),
      '[1..20) at 19: ON_TIME 0/0 first last = 1,10',
      '[30..40) at 39: ON_TIME 0/0 first last = 30',
    );
  });

  test('of any order become the same', () => {
    const times = [1, 2, 15, 16, 30, 9, 10, 30];
    for (const all of [times, times.toReversed(), times.toSorted()]) {
      const d = driver(tenSessions, afterWatermark(), { accumulation: 'accumulating' });
      d.input(...all);
      const fired = d.watermark(1000).map(({ window, value }) => `${window.maxTimestamp} ${(value as []).length}`);
      assert.deepEqual(fired.sort(), ['25 6', '39 2']);
    }
  });

  test('with early and late firings: a merged one starts its panes anew', () => {
    const d = driver(tenSessions, afterWatermark({ early: afterCount(2), late: afterCount(2) }), {
      allowedLateness: 1000,
      accumulation: 'accumulating',
    });
    d.watermark(0);
    expect(d.input(['a', 1], ['b', 15]));
    expect(d.input(['c', 7]), '[1..25) at 24: EARLY 0 first = a,b,c');
    d.input(['d', 30]);
    expect(d.watermark(50), '[1..25) at 24: ON_TIME 1/0 = a,b,c', '[30..40) at 39: ON_TIME 0/0 first = d');
    expect(d.input(['x', 1], ['y', 2]), '[1..25) at 24: LATE 2/1 = a,b,c,x,y');
    expect(d.input(['z', 21], ['w', 22]), '[1..40) at 39: LATE 0/0 first = a,b,c,x,y,d,z,w');
  });

  test('count over what has merged', () => {
    for (const accumulation of ['discarding', 'accumulating'] as const) {
      const d = driver(tenSessions, repeatedly(afterCount(3)), { accumulation, allowedLateness: 100 });
      const before = accumulation === 'accumulating' ? 'a,b,c,' : '';
      expect(d.input(['a', 1], ['b', 15]));
      expect(d.input(['c', 6]), '[1..25) at 24: EARLY 0 first = a,b,c');
      expect(d.input(['d', 2], ['e', 7], ['f', 8]), `[1..25) at 24: EARLY 1 = ${before}d,e,f`);
    }
  });

  test('that are closed take no more, and do not spoil others', () => {
    const d = driver(tenSessions, afterCount(1), { allowedLateness: 50 });
    expect(d.input(2), '[2..12) at 11: EARLY 0 first last = 2');
    expect(d.input(2));
    assert.deepEqual(
      d.dropped.map(({ reason }) => reason),
      ['closed'],
    );
    expect(d.input(3), '[3..13) at 12: EARLY 0 first last = 3');

    const open = driver(tenSessions, afterCount(2), { allowedLateness: 50 });
    expect(open.input(1, 1), '[1..11) at 10: EARLY 0 first last = 1,1');
    // The window of 2 would be merged with that of 1 if that were not closed.
    open.input(2);
    expect(open.input(3), '[2..13) at 12: EARLY 0 first last = 2,3');
    expect(open.watermark(100));
    assert.ok(open.state.isEmpty);
  });

  test('extend past their end when a late element comes to them', () => {
    const d = driver(tenSessions, afterWatermark({ late: afterCount(1) }), { allowedLateness: 50 });
    d.watermark(0);
    d.input(1);
    expect(d.watermark(12), '[1..11) at 10: ON_TIME 0/0 first = 1');
    expect(d.input(['x', 8]));
    expect(d.watermark(18), '[1..18) at 17: ON_TIME 0/0 first = x');
  });

  test('that a WindowFn merges out of nothing are an error', () => {
    const nothing = new IntervalWindow(100 as never, 200 as never);
    const windowFn = { ...sessions({ gap: '10ms' }), merge: () => [{ merged: nothing, sources: [nothing] }] };
    const d = driver(windowFn as unknown as WindowFn<never>, defaultTrigger());
    d.input(1);
    assert.throws(() => d.input(2), { code: 'WINDOW_MERGE_INVALID' });
  });
});

describe('what is collected and combined', () => {
  test('is not changed by what comes later', () => {
    const trigger = repeatedly(afterCount(1));
    for (const fn of [undefined, toList() as unknown as CombineFn<never, unknown, unknown>]) {
      const d = driver(tens, trigger, { accumulation: 'accumulating' }, fn);
      const [first] = d.input(['a', 1]);
      const [second] = d.input(['b', 2]);
      assert.deepEqual([first.value, second.value], [['a'], ['a', 'b']]);
    }
  });

  test('gives the result of nothing for an empty pane', () => {
    const d = driver(tens, afterWatermark({ early: afterCount(1) }), {}, sum() as CombineFn<never, unknown, unknown>);
    d.watermark(0);
    expect(d.input(5), '[0..10) at 9: EARLY 0 first = 5');
    expect(d.watermark(10), '[0..10) at 9: ON_TIME 1/0 last = 0');
  });

  test('names the element for which a CombineFn fails', () => {
    const boom = {
      ...sum(),
      add: () => {
        throw new Error('boom');
      },
    };
    const d = driver(tens, defaultTrigger(), {}, boom as unknown as CombineFn<never, unknown, unknown>);
    assert.throws(
      () => d.input([7, 1]),
      (error) => error instanceof CombineFailure && (error.element[0] as unknown[])[1] === 7,
    );
  });

  test('keeps accumulators that are undefined', () => {
    const last: CombineFn<number, number | undefined, string> = {
      create: () => -1,
      add: (_accumulator, value) => (value === 0 ? undefined : value),
      merge: ([first]) => first,
      extract: (accumulator) => `${accumulator}`,
    };
    const d = driver(tens, defaultTrigger(), {}, last as CombineFn<never, unknown, unknown>);
    d.input([0, 1]);
    expect(d.watermark(10), '[0..10) at 9: ON_TIME 0/0 first last = undefined');
  });

  test('of another trigger is refused when it is read', () => {
    const counted = driver(tens, repeatedly(afterCount(3)));
    counted.input(1);
    const other = driver(tens, repeatedly(afterAny(afterCount(3), afterWatermark())));
    other.state = counted.state;
    assert.throws(() => other.restart(), { code: 'CODER_MALFORMED' });
  });
});
