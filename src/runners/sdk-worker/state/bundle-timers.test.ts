import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ProcessBundleRequest } from '../../../model/fn-execution.ts';
import { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import { type Coder, encodeToBytes } from '../../../sdk/coders/coder.ts';
import { keyCoder } from '../../../sdk/coders/default-coder.ts';
import { type SetTimer, TimerCoder } from '../../../sdk/coders/timer-coder.ts';
import { MillraceError } from '../../../sdk/errors.ts';
import { coders, state, type Timer, type TimerFamily, type Timestamp, timer } from '../../../sdk/index.ts';
import type { StatefulDoFn } from '../../../sdk/state/check-stateful.ts';
import { fixed } from '../../../sdk/windows/fixed-windows.ts';
import { GLOBAL_WINDOWING } from '../../../sdk/windows/global-windows.ts';
import { NO_FIRING } from '../../../sdk/windows/pane-info.ts';
import { MAX_TIMESTAMP } from '../../../sdk/windows/timestamp.ts';
import { IntervalWindow, type Window } from '../../../sdk/windows/window.ts';
import type { WindowFn } from '../../../sdk/windows/window-fn.ts';
import { KeyedStates } from '../../core/state/keyed-states.ts';
import { LogStateBackend } from '../../core/state/log-state-backend.ts';
import { StateDiskMemory } from '../../core/state/state-disk-memory.ts';
import { BundleState } from './bundle-state.ts';
import { FnKeyedStep } from './fn-keyed-step.ts';
import type { StateChannel } from './state-channel.ts';
import { UserStateCache } from './user-state-cache.ts';

const SIZE = 100;
const LATENESS = 20;
const WINDOW_FN = fixed(`${SIZE}ms`) as unknown as WindowFn<Window>;
const KEYS = keyCoder as Coder<unknown>;
const EXPIRATION = 'millrace:on_window_expiration';

function fnOf(expires: boolean): StatefulDoFn {
  return {
    state: { log: state.bag() },
    timers: {
      one: timer.eventTime(),
      many: timer.eventTimeFamily(),
      clock: timer.processingTime(),
    },
    ...(expires ? { onWindowExpiration: () => {} } : {}),
    process: () => {},
  } as unknown as StatefulDoFn;
}

/** A runner as far as timers are concerned: it keeps what it is told last, and gives what is due. */
class TimerRunner {
  readonly #coder = new TimerCoder(KEYS, WINDOW_FN.coder as Coder<Window>);
  readonly pending = new Map<string, { readonly family: string; readonly timer: SetTimer<unknown> }>();

  write(family: string, bytes: Uint8Array): void {
    const input = new ByteReader(bytes);
    while (input.remaining > 0) {
      const element = this.#coder.decode(input, true);
      for (const window of element.windows) {
        const id = JSON.stringify([family, String(element.userKey), String(window), element.dynamicTimerTag]);
        this.pending.delete(id);
        if (!element.clearBit) this.pending.set(id, { family, timer: { ...element, windows: [window] } });
      }
    }
  }

  /** Hands over what is due, soonest first; of equal ones that which was set first. */
  due(watermark: number): readonly (readonly [family: string, bytes: Uint8Array])[] {
    const found = [...this.pending].filter(
      ([, { family, timer: each }]) => family !== 'clock' && each.fireTimestamp <= watermark,
    );
    for (const [id] of found) this.pending.delete(id);
    return found
      .sort(([, a], [, b]) => a.timer.fireTimestamp - b.timer.fireTimestamp)
      .map(([, { family, timer: each }]) => [family, encodeToBytes(this.#coder, each, true)] as const);
  }

  get hold(): number {
    return Math.min(MAX_TIMESTAMP, ...[...this.pending.values()].map(({ timer: each }) => each.holdTimestamp));
  }
}

function stepFor(runner: TimerRunner, fn: StatefulDoFn, maxBytes?: number, now = () => 0): FnKeyedStep {
  return new FnKeyedStep({
    transform: 'T',
    transformId: 'T-1',
    fn,
    allowedLateness: LATENESS,
    keyCoder: KEYS,
    valueCoder: coders.default() as Coder<unknown>,
    isBounded: false,
    windowCoder: WINDOW_FN.coder as Coder<Window>,
    bundle: bundleState(),
    cache: new UserStateCache(),
    timers: runner,
    now,
    maxBytes,
  });
}

/** Of what is written here, nobody reads anything. */
function bundleState(): BundleState {
  const request = () => assert.fail('there is no state to be asked for');
  const bundle = new BundleState(() => ({ write() {}, async flush() {}, request }) as unknown as StateChannel);
  bundle.begin('i');
  return bundle;
}

const NOTHING_YET = ProcessBundleRequest.create({ hasNoState: true });
const windowAt = (at: number) => {
  const start = at - (at % SIZE);
  return new IntervalWindow(start as Timestamp, (start + SIZE) as Timestamp);
};

/** What an element or a timer's handler does with a timer; `chain` times the handler does it again, later. */
interface Command {
  readonly tag: string | undefined;
  readonly act: 'set' | 'clear';
  readonly by: number;
  readonly chain: number;
  readonly later: number;
  readonly holds: boolean;
}

const command: fc.Arbitrary<Command> = fc.record({
  tag: fc.constantFrom(undefined, undefined, 'x', 'y'),
  act: fc.constantFrom('set', 'set', 'clear'),
  by: fc.nat(12).map((n) => n * 10),
  chain: fc.nat(3),
  later: fc.constantFrom(0, 10, 20, 30),
  holds: fc.boolean(),
});

const round = fc.record({
  elements: fc.array(
    fc.record({ key: fc.constantFrom('a', 'b'), at: fc.nat(250), commands: fc.array(command, { maxLength: 3 }) }),
    { maxLength: 4 },
  ),
  watermark: fc.nat(8).map((n) => n * 10),
  /** Whether what becomes due comes in the same bundle as the elements. */
  together: fc.boolean(),
});

type Handles = Readonly<Record<string, unknown>>;

/** Does the same with both: what is to happen when a timer fires is kept by the test. */
class Scripts {
  /** What happened to each key and window: runs of timers for the same time, which fire in any order, are sorted. */
  readonly trace = new Map<string, string[][]>();
  readonly #chains = new Map<string, Command>();
  #last = new Map<string, number>();

  note(key: unknown, window: Window, text: string, at = Number.NaN): void {
    const name = `${key} ${window}`;
    const notes = this.trace.get(name) ?? [];
    if (this.#last.get(name) === at) notes.at(-1)?.push(text);
    else notes.push([text]);
    notes.at(-1)?.sort();
    this.#last.set(name, at);
    this.trace.set(name, notes);
  }

  run(timers: Handles, key: unknown, window: Window, each: Command): void {
    const { tag, act, by, holds } = each;
    const at = Math.min(window.maxTimestamp + 1 - SIZE + by, window.maxTimestamp + LATENESS) as Timestamp;
    const options = holds ? {} : { outputTimestamp: 'none' as const };
    this.#chains.set(`${key} ${window} ${tag}`, each);
    const [one, many] = [timers.one as Timer, timers.many as TimerFamily];
    if (tag === undefined) act === 'set' ? one.set(at, options) : one.clear();
    else act === 'set' ? many.set(tag, at, options) : many.clear(tag);
  }

  fired(timers: Handles, key: unknown, window: Window, name: string, tag: string, at: number, timestamp: number): void {
    this.note(key, window, `${name} ${tag} for ${at} emits at ${timestamp}`, at);
    const each = this.#chains.get(`${key} ${window} ${name === 'one' ? undefined : tag}`);
    if (each === undefined || each.chain === 0) return;
    this.run(timers, key, window, { ...each, act: 'set', by: each.by + each.later, chain: each.chain - 1 });
  }
}

test('event-time timers fire in each key and window as they do on the DirectRunner', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(round, { minLength: 1, maxLength: 6 }),
      fc.boolean(),
      fc.constantFrom(undefined, 0),
      async (rounds, expires, maxBytes) => {
        const fn = fnOf(expires);
        const direct = new KeyedStates({
          transform: 'T',
          fn,
          windowing: { ...GLOBAL_WINDOWING, windowFn: WINDOW_FN, allowedLateness: LATENESS },
          keyCoder: KEYS,
          valueCoder: coders.default(),
          backend: new LogStateBackend(new StateDiskMemory()),
          budget: 100_000,
        });
        const runner = new TimerRunner();
        const step = stepFor(runner, fn, maxBytes);
        const [expected, seen] = [new Scripts(), new Scripts()];
        let n = 0;
        const bundle = async (
          elements: readonly (readonly [number, (typeof rounds)[0]['elements'][0]])[],
          due: ReturnType<TimerRunner['due']>,
        ) => {
          step.begin(NOTHING_YET);
          for (const [family, bytes] of due) step.deliver(family, bytes);
          for (const [id, { key, at, commands }] of elements) {
            assert.equal(step.enter([key, id], at, windowAt(at), NO_FIRING), true);
            seen.note(key, windowAt(at), `element ${id} at ${step.timestamp}`);
            for (const each of commands) seen.run(step.timers, key, windowAt(at), each);
          }
          for (let next = step.take(); next !== undefined; next = step.take()) {
            const { key, window, due: what } = next;
            if (what.kind === 'timer') {
              seen.fired(step.timers, key, window, what.name, what.timer.tag, what.timer.at, step.timestamp);
            } else {
              seen.note(key, window, `expired at ${step.timestamp}`);
              step.expire();
            }
          }
          step.release();
          await step.finish();
        };
        let watermark = -5;
        direct.watermark = watermark as Timestamp;
        for (const { elements, watermark: rise, together } of [...rounds, ...LAST]) {
          const onTime: [number, (typeof elements)[0]][] = [];
          for (const each of elements) {
            const { key, at, commands } = each;
            if (!direct.enter([key, n], at, windowAt(at), NO_FIRING)) continue;
            onTime.push([n, each]);
            expected.note(key, windowAt(at), `element ${n++} at ${direct.timestamp}`);
            for (const one of commands) expected.run(direct.timers, key, windowAt(at), one);
          }
          direct.release();
          watermark += rise;
          direct.watermark = watermark as Timestamp;
          for (let next = direct.take(); next !== undefined; next = direct.take()) {
            const { key, window, due } = next;
            if (due.kind === 'timer') {
              expected.fired(direct.timers, key, window, due.name, due.timer.tag, due.timer.at, direct.timestamp);
            } else {
              expected.note(key, window, `expired at ${direct.timestamp}`);
              direct.expire();
            }
          }
          if (!together) await bundle(onTime, []);
          await bundle(together ? onTime : [], runner.due(watermark));
          for (let due = runner.due(watermark); due.length > 0; due = runner.due(watermark)) await bundle([], due);
          assert.deepEqual(seen.trace, expected.trace);
          assert.equal(runner.hold, direct.hold);
        }
        assert.equal(runner.pending.size, 0);
      },
    ),
    { numRuns: 1000 },
  );
});

/** Everything expires in the end. */
const LAST = [{ elements: [], watermark: 10_000, together: false }];

test('a timer that the bundle sets anew or clears does not fire for what the runner knew', async () => {
  const runner = new TimerRunner();
  const step = stepFor(runner, fnOf(false));
  const window = windowAt(0);
  const timers = step.timers as { one: Timer; many: TimerFamily };
  step.begin(NOTHING_YET);
  for (const key of ['moved', 'cleared', 'kept']) {
    step.enter([key, 0], 5, window, NO_FIRING);
    timers.one.set(20 as Timestamp);
    timers.many.set('t', 30 as Timestamp);
  }
  await step.finish();
  const due = runner.due(50);
  assert.equal(due.length, 6);
  step.begin(NOTHING_YET);
  for (const [family, bytes] of due) step.deliver(family, bytes);
  step.enter(['moved', 1], 6, window, NO_FIRING);
  timers.one.set(90 as Timestamp);
  timers.many.set('t', 10 as Timestamp);
  step.enter(['cleared', 1], 6, window, NO_FIRING);
  timers.one.clear();
  timers.many.clear('t');
  const fired: string[] = [];
  for (let next = step.take(); next !== undefined; next = step.take()) {
    assert.ok(next.due.kind === 'timer');
    fired.push(`${next.key} ${next.due.name} ${next.due.timer.at}`);
  }
  // What was moved to an earlier time than the old one has fired on the way to that.
  assert.deepEqual(fired, ['moved many 10', 'kept one 20', 'kept many 30']);
  await step.finish();
  assert.deepEqual(
    [...runner.pending.values()].map(({ timer: each }) => [each.userKey, each.fireTimestamp]),
    [['moved', 90]],
  );
});

test('relative times begin at the element or timer at hand, or at the time of day', async () => {
  const runner = new TimerRunner();
  let clock = 1000;
  const step = stepFor(runner, fnOf(false), undefined, () => clock);
  const timers = step.timers as { one: Timer; many: TimerFamily; clock: Timer };
  step.begin(NOTHING_YET);
  step.enter(['k', 0], 30, windowAt(0), NO_FIRING);
  timers.one.setRelative('10ms');
  timers.many.setRelative('far', '10h');
  timers.clock.setRelative('1s', { align: '300ms' });
  assert.equal(timers.one.currentRelativeTime, 30);
  assert.equal(timers.clock.currentRelativeTime, 1000);
  await step.finish();
  const found = () => [...runner.pending.values()].map(({ timer: each }) => [each.fireTimestamp, each.holdTimestamp]);
  assert.deepEqual(found(), [
    [40, 40],
    [119, 119],
    [2100, 30],
  ]);
  clock = 5000;
  step.begin(NOTHING_YET);
  for (const [family, bytes] of runner.due(40)) step.deliver(family, bytes);
  step.take();
  assert.equal(step.timestamp, 40);
  timers.one.setRelative('5ms');
  timers.clock.set(6000 as Timestamp, { outputTimestamp: 'none' });
  assert.throws(
    () => timers.one.set(120 as Timestamp),
    (error) => codeOf(error) === 'TIMER_TIME',
  );
  assert.equal(step.take(), undefined);
  assert.throws(
    () => timers.one.clear(),
    (error) => codeOf(error) === 'STATE_UNBOUND',
  );
  await step.finish();
  assert.deepEqual(found(), [
    [119, 119],
    [45, 45],
    [6000, MAX_TIMESTAMP],
  ]);
});

test('an expiring window is told of after the timers of its time, and again where it is used again', async () => {
  const runner = new TimerRunner();
  const step = stepFor(runner, fnOf(true));
  assert.deepEqual(step.timerFamilies, ['one', 'many', 'clock', EXPIRATION]);
  step.begin(NOTHING_YET);
  step.enter(['k', 0], 0, windowAt(0), NO_FIRING);
  (step.timers.one as Timer).set(119 as Timestamp);
  await step.finish();
  step.begin(NOTHING_YET);
  for (const [family, bytes] of runner.due(119).toReversed()) step.deliver(family, bytes);
  assert.equal(step.take()?.due.kind, 'timer');
  (step.timers.many as TimerFamily).set('t', 119 as Timestamp);
  assert.equal(step.take()?.due.kind, 'timer');
  assert.equal(step.take()?.due.kind, 'expiration');
  assert.equal(step.timestamp, 119);
  step.expire();
  assert.equal(step.take(), undefined);
  await step.finish();
});

test('timers of an unknown family, and bytes that are no timers, are errors', () => {
  const step = stepFor(new TimerRunner(), fnOf(false));
  step.begin(NOTHING_YET);
  assert.throws(
    () => step.deliver('other', new Uint8Array()),
    (error) => codeOf(error) === 'TIMER_UNKNOWN',
  );
  assert.throws(
    () => step.deliver('one', Uint8Array.of(1, 2)),
    (error) => codeOf(error)?.startsWith('CODER_'),
  );
});

function codeOf(error: unknown): string | undefined {
  return error instanceof MillraceError ? error.code : undefined;
}
