import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { keyCoder } from '../../../sdk/coders/default-coder.ts';
import {
  type BagState,
  coders,
  type OrderedListState,
  state,
  type Timestamp,
  type TimestampedValue,
} from '../../../sdk/index.ts';
import type { StatefulDoFn } from '../../../sdk/state/check-stateful.ts';
import { fixed } from '../../../sdk/windows/fixed-windows.ts';
import { GLOBAL_WINDOWING } from '../../../sdk/windows/global-windows.ts';
import { IntervalWindow, type Window } from '../../../sdk/windows/window.ts';
import type { WindowFn } from '../../../sdk/windows/window-fn.ts';
import { KeyedStates } from './keyed-states.ts';
import { LogStateBackend } from './log-state-backend.ts';
import { StateDiskMemory } from './state-disk-memory.ts';

const WINDOWING = { ...GLOBAL_WINDOWING, windowFn: fixed('1h') as unknown as WindowFn<Window> };
const WINDOW = new IntervalWindow(0 as Timestamp, 3_600_000 as Timestamp);
const PIECES = 'lists:T';

const LISTS: StatefulDoFn['state'] = { bag: state.bag<number>(), list: state.orderedList<number>() };

function makeStates(backend: LogStateBackend, listBytes?: number, budget = 1e9, declared = LISTS): KeyedStates {
  return new KeyedStates({
    transform: 'T',
    fn: { state: declared, process: () => {} } as never,
    windowing: WINDOWING,
    keyCoder: keyCoder as never,
    valueCoder: coders.default(),
    backend,
    budget,
    listBytes,
  });
}

interface Handles {
  readonly bag: BagState<number>;
  readonly list: OrderedListState<number>;
}

function at(states: KeyedStates, key: string): Handles {
  states.bind(key, WINDOW, WINDOW.start);
  return states.state as unknown as Handles;
}

test('lists that lie in pieces are plain lists, through checkpoints, evictions and ways back', () => {
  const op = fc.constantFrom('bag', 'bag', 'list', 'list', 'clearBag', 'range', 'flush', 'commit', 'back', 'reopen');
  const steps = fc.array(fc.record({ op, key: fc.constantFrom('a', 'b'), n: fc.nat(50) }), {
    maxLength: 120,
    size: 'max',
  });
  const empty = () => ({ bag: [] as number[], list: [] as TimestampedValue<number>[] });
  fc.assert(
    fc.property(steps, fc.constantFrom(4, 20), fc.constantFrom(0, 1e9), (all, listBytes, budget) => {
      const disk = new StateDiskMemory();
      const open = () => new LogStateBackend(disk, { segment: 4096, frame: 256, slack: 1024, index: 2048 });
      let backend = open();
      let states = makeStates(backend, listBytes, budget);
      let plain = { a: empty(), b: empty() };
      let committed = structuredClone(plain);
      const compare = () => {
        for (const key of ['a', 'b'] as const) {
          const { bag, list } = at(states, key);
          assert.deepEqual([...bag.read()], plain[key].bag);
          assert.deepEqual(
            Array.from(list.read(), ({ value, timestamp }) => ({ value, timestamp })),
            plain[key].list,
          );
        }
      };
      for (const [i, { op, key, n }] of all.entries()) {
        const { bag, list } = at(states, key as 'a');
        const twin = plain[key as 'a'];
        if (op === 'bag') {
          bag.add(i);
          twin.bag.push(i);
        } else if (op === 'list') {
          const item = { value: i, timestamp: n as Timestamp };
          list.add(item);
          twin.list = [...twin.list, item].sort((one, other) => one.timestamp - other.timestamp);
        } else if (op === 'clearBag' && n < 20) {
          bag.clear();
          twin.bag = [];
        } else if (op === 'range') {
          list.clearRange(n as Timestamp, (n + 5) as Timestamp);
          twin.list = twin.list.filter(({ timestamp }) => timestamp < n || timestamp >= n + 5);
        } else if (op === 'flush') states.flush();
        else if (op === 'commit') {
          states.flush();
          backend.commit();
          committed = structuredClone(plain);
        } else if (op === 'back' || op === 'reopen') {
          plain = structuredClone(committed);
          if (op === 'back') backend.rollback();
          else backend = open();
          states = makeStates(backend, listBytes, budget);
          states.restore();
        }
        if (n % 5 === 0) compare();
      }
      compare();
      for (const key of ['a', 'b']) {
        const { bag, list } = at(states, key);
        bag.clear();
        list.clear();
      }
      states.flush();
      assert.equal(backend.count(PIECES), 0, 'nothing is left of lists that are gone');
    }),
    { numRuns: 150 },
  );
});

test('a checkpoint writes what was added to a large list, and not the list', () => {
  const backend = new LogStateBackend(new StateDiskMemory());
  const states = makeStates(backend);
  const { bag } = at(states, 'a');
  for (let i = 0; i < 200_000; i++) bag.add(i);
  states.flush();
  const whole = backend.fresh;
  assert.ok(whole > 500_000, `${whole}`);
  backend.commit();
  at(states, 'a').bag.add(1);
  states.flush();
  assert.ok(backend.fresh < 2_000, `${backend.fresh}`);
});

test('pieces go with the window of their list, and with the declaration of their state', () => {
  const backend = new LogStateBackend(new StateDiskMemory());
  let states = makeStates(backend, 4);
  for (const key of ['a', 'b']) for (let i = 0; i < 20; i++) at(states, key).bag.add(i);
  states.flush();
  assert.equal(backend.count(PIECES), 2);
  states = makeStates(backend, 4, 1e9, { other: state.value<number>() });
  states.restore();
  states.bind('a', WINDOW, WINDOW.start);
  (states.state.other as { write(value: number): void }).write(1);
  states.flush();
  assert.equal(backend.count(PIECES), 1);
  states.watermark = 4_000_000 as Timestamp;
  for (let due = states.take(); due !== undefined; due = states.take()) states.expire();
  states.flush();
  assert.equal(backend.count(PIECES), 0);
  assert.equal(states.storedKeys, 0);
});
