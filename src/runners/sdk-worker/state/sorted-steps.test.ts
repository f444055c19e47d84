import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type StateService, startStateService } from '../../../../test/support/state-service.ts';
import { ProcessBundleRequest } from '../../../model/fn-execution.ts';
import { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import { type Coder, encodeToBytes } from '../../../sdk/coders/coder.ts';
import { keyCoder } from '../../../sdk/coders/default-coder.ts';
import { TimerCoder, type TimerElement } from '../../../sdk/coders/timer-coder.ts';
import { coders, type Timer, timer } from '../../../sdk/index.ts';
import type { StatefulDoFn } from '../../../sdk/state/check-stateful.ts';
import { fixed } from '../../../sdk/windows/fixed-windows.ts';
import { NO_FIRING } from '../../../sdk/windows/pane-info.ts';
import { timestamp } from '../../../sdk/windows/timestamp.ts';
import { IntervalWindow, type Window } from '../../../sdk/windows/window.ts';
import { BundleState } from './bundle-state.ts';
import { FnKeyedStep } from './fn-keyed-step.ts';
import { StateChannels } from './state-channels.ts';
import { UserStateCache } from './user-state-cache.ts';

const WINDOWS = fixed('100ms').coder as unknown as Coder<Window>;
const KEYS = keyCoder as Coder<unknown>;
const WINDOW = new IntervalWindow(timestamp(0), timestamp(100));

let service: StateService;
let channels: StateChannels;
before(async () => {
  service = await startStateService();
  channels = new StateChannels({ workerId: 'w', answerMillis: 20_000 });
});
after(async () => {
  await channels.close();
  await service.close();
});

/** A step of a DoFn that sorts; timers that it sets are kept by family. */
class Tried {
  readonly #bundle = new BundleState(() => channels.of(service.endpoint));
  readonly #timers = new TimerCoder(KEYS, WINDOWS);
  readonly #pending = new Map<string, TimerElement<unknown>>();
  readonly step: FnKeyedStep;
  #bundles = 0;

  constructor(transformId: string, isBounded: boolean) {
    const fn = { requiresTimeSortedInput: true, timers: { t: timer.eventTime() }, onWindowExpiration: () => [] };
    this.step = new FnKeyedStep({
      transform: 'T',
      transformId,
      fn: fn as unknown as StatefulDoFn,
      allowedLateness: 0,
      isBounded,
      keyCoder: KEYS,
      valueCoder: coders.default() as Coder<unknown>,
      windowCoder: WINDOWS,
      bundle: this.#bundle,
      cache: new UserStateCache(),
      timers: {
        write: (family, bytes) => {
          const input = new ByteReader(Uint8Array.prototype.slice.call(bytes));
          while (input.remaining > 0) this.#pending.set(family, this.#timers.decode(input, true));
        },
      },
      now: () => 0,
    });
  }

  get pending(): string[] {
    return [...this.#pending].filter(([, { clearBit }]) => !clearBit).map(([family]) => family);
  }

  /** A bundle of elements with these timestamps, then of these timers: what it calls the DoFn for. */
  async run(times: readonly number[], families: readonly string[], set?: (at: number) => void): Promise<string[]> {
    const calls: string[] = [];
    this.#bundle.begin(`b${this.#bundles++}`);
    this.step.begin(ProcessBundleRequest.create({}));
    for (const time of times) this.step.enter(['k', time], time, WINDOW, NO_FIRING);
    for (const family of families) {
      const due = this.#pending.get(family) ?? assert.fail(`no timer of ${family} is set`);
      this.#pending.delete(family);
      this.step.deliver(family, encodeToBytes(this.#timers, due, true));
    }
    for (let next = this.step.take(); next !== undefined; next = this.step.take()) {
      const { due, key, window } = next;
      if (due.kind === 'element') {
        const { value, timestamp: at } = due.element;
        assert.ok(this.step.enter([key, value], at, window, NO_FIRING));
        calls.push(`element ${value}`);
        set?.(at);
      } else calls.push(due.kind === 'timer' ? `timer ${due.timer.at}` : due.kind);
      if (due.kind === 'expiration') this.step.expire();
    }
    this.step.release();
    await this.step.finish();
    this.#bundle.end();
    return calls;
  }
}

test('elements that wait have their turns before the expiry of their window, whichever the runner tells first', async () => {
  const tried = new Tried('expiry', false);
  assert.deepEqual(await tried.run([98, 99, 7], []), []);
  assert.deepEqual(await tried.run([], ['millrace:on_window_expiration']), [
    'element 7',
    'element 98',
    'element 99',
    'expiration',
  ]);
  assert.deepEqual(tried.pending, []);
  assert.equal(tried.step.dropped, 0);
});

test('bounded data has one turn, and timers that elements set fire between them', async () => {
  const tried = new Tried('bounded', true);
  assert.deepEqual(await tried.run([50, 20], []), []);
  assert.deepEqual(await tried.run([10], []), []);
  const set = (at: number) => {
    if (at === 20) (tried.step.timers.t as Timer).set(timestamp(30));
  };
  assert.deepEqual(await tried.run([], ['millrace:sorted_input'], set), [
    'element 10',
    'element 20',
    'timer 30',
    'element 50',
  ]);
});
