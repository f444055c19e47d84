import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { keyName, type StateService, startStateService } from '../../../../test/support/state-service.ts';
import { ProcessBundleRequest } from '../../../model/fn-execution.ts';
import { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import { type Coder, decodeFromBytes, encodeToBytes } from '../../../sdk/coders/coder.ts';
import { StateBackedIterableCoder } from '../../../sdk/coders/state-backed-iterable-coder.ts';
import { MillraceError } from '../../../sdk/errors.ts';
import { coders, type Timestamp } from '../../../sdk/index.ts';
import { fixed } from '../../../sdk/windows/fixed-windows.ts';
import { sessions } from '../../../sdk/windows/session-windows.ts';
import { IntervalWindow, type Window } from '../../../sdk/windows/window.ts';
import type { WindowFn } from '../../../sdk/windows/window-fn.ts';
import { BundleState } from './bundle-state.ts';
import { continuationReader } from './read-continuation.ts';
import { type RemoteSide, RemoteSideInputs } from './remote-side-inputs.ts';
import { SideInputCache } from './side-input-cache.ts';
import { StateChannels } from './state-channels.ts';

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

const HOURS = fixed('1h') as unknown as WindowFn<Window>;
const PAIRS = coders.kv(coders.string, coders.double) as Coder<unknown>;
const minute = (n: number) => new IntervalWindow((n * 60_000) as Timestamp, ((n + 1) * 60_000) as Timestamp);

const side = (local: string, elementCoder: Coder<unknown> = PAIRS, windowFn = HOURS): RemoteSide => ({
  transform: 'join',
  transformId: 'join-1',
  local,
  windowFn,
  windowCoder: windowFn.coder as Coder<Window>,
  elementCoder,
});

function encoded<T>(coder: Coder<T>, elements: readonly T[]): Uint8Array {
  const out = new ByteWriter(64);
  for (const element of elements) coder.encode(element, out, true);
  return out.copy();
}

/** Puts what a side input holds in the hour of a minute. */
async function put(local: string, elements: readonly unknown[], hour: number, coder = PAIRS): Promise<void> {
  const window = new IntervalWindow((hour * 3_600_000) as Timestamp, ((hour + 1) * 3_600_000) as Timestamp);
  const name = keyName('join-1', local, encodeToBytes(HOURS.coder, window, true));
  await service.put(name, encoded(coder, elements));
}

function reader(sides: readonly RemoteSide[], cache = new SideInputCache()): [RemoteSideInputs, BundleState] {
  const bundle = new BundleState(() => channels.of(service.endpoint));
  return [new RemoteSideInputs({ sides, bundle, cache, strict: false }), bundle];
}

const tokens = (local: string, token: string) =>
  ProcessBundleRequest.create({
    cacheTokens: [{ sideInput: { transformId: 'join-1', sideInputId: local }, token: Buffer.from(token) }],
  });
const NO_TOKENS = ProcessBundleRequest.create();

async function getsOf(act: () => void): Promise<number> {
  const { gets } = await service.counts();
  act();
  return (await service.counts()).gets - gets;
}

test('a view is built from the pages of the window that belongs to the main one', async () => {
  const table = [
    ['a', 1],
    ['b', 2],
    ['longer than a page', 3],
  ];
  await put('map page=5', table, 0);
  await put('map page=5', [['c', 4]], 1);
  const [sides, bundle] = reader([side('map page=5')]);
  bundle.begin('i');
  sides.begin(NO_TOKENS);
  const view = (n: number) =>
    sides.view('join', 'map page=5', { collection: 'c', view: 'map' }, minute(n)) as ReadonlyMap<unknown, unknown>;
  assert.deepEqual([...view(3)], table);
  assert.deepEqual([...view(61)], [['c', 4]]);
  assert.equal(view(62), view(63));
  // Windows without elements are read too, and are empty.
  assert.deepEqual([...view(600)], []);
  assert.throws(
    () => sides.view('join', 'map page=5', { collection: 'c', view: 'singleton' }, minute(1200)),
    (error) => error instanceof MillraceError && error.code === 'SIDE_INPUT_SINGLETON',
  );
  const merging = reader([side('m', PAIRS, sessions({ gap: '1m' }) as unknown as WindowFn<Window>)])[0];
  assert.throws(
    () => merging.view('join', 'm', { collection: 'c', view: 'list' }, minute(0)),
    (error) => error instanceof MillraceError && error.code === 'SIDE_INPUT_WINDOW',
  );
});

test('an iterable is read when it is iterated, page by page, and kept when it is small', async () => {
  const numbers = Array.from({ length: 100 }, (_, i) => i);
  await put('some page=80', numbers, 0, coders.double as Coder<unknown>);
  const big = Array.from({ length: 40 }, (_, i) => String(i).repeat(100_000));
  await put('big page=1000000', big, 0, coders.string as Coder<unknown>);
  const [sides, bundle] = reader([
    side('some page=80', coders.double as Coder<unknown>),
    side('big page=1000000', coders.string as Coder<unknown>),
  ]);
  bundle.begin('i');
  sides.begin(NO_TOKENS);
  const view = (local: string) =>
    sides.view('join', local, { collection: 'c', view: 'iterable' }, minute(0)) as Iterable<unknown>;
  const some = view('some page=80');
  assert.equal(
    await getsOf(() => {
      for (const each of some) if (each === 25) break;
    }),
    3,
  );
  assert.equal(await getsOf(() => assert.deepEqual([...some], numbers)), 10);
  assert.equal(await getsOf(() => assert.deepEqual([...view('some page=80')], numbers)), 0);
  const pages = Math.ceil(encoded(coders.string, big).length / 1_000_000);
  for (const _ of [1, 2]) assert.equal(await getsOf(() => assert.deepEqual([...view('big page=1000000')], big)), pages);
  const started = view('big page=1000000')[Symbol.iterator]();
  started.next();
  bundle.end();
  assert.throws(
    () => [...(started as IteratorObject<unknown>)],
    (error) => error instanceof MillraceError && error.code === 'STATE_CLOSED',
  );
});

test('a view is good for other bundles as long as the runner gives the same token', async () => {
  await put('cached', [['a', 1]], 0);
  const cache = new SideInputCache(10_000);
  const [one, oneBundle] = reader([side('cached')], cache);
  const [two, twoBundle] = reader([side('cached')], cache);
  const read = (sides: RemoteSideInputs, bundle: BundleState, request: ProcessBundleRequest) => {
    bundle.begin('i');
    sides.begin(request);
    const view = sides.view('join', 'cached', { collection: 'c', view: 'list' }, minute(0));
    bundle.end();
    return view;
  };
  assert.deepEqual(read(one, oneBundle, tokens('cached', 'x')), [['a', 1]]);
  await put('cached', [['b', 2]], 0);
  assert.deepEqual(read(one, oneBundle, tokens('cached', 'x')), [['a', 1]]);
  assert.deepEqual(read(two, twoBundle, tokens('cached', 'x')), [['a', 1]]);
  assert.deepEqual(read(one, oneBundle, tokens('cached', 'y')), [['b', 2]]);
  assert.deepEqual(read(one, oneBundle, tokens('another', 'x')), [['b', 2]]);
  await put('cached', [['c', 3]], 0);
  for (const each of [1, 2]) assert.deepEqual(read(one, oneBundle, NO_TOKENS), [['c', 3]], String(each));
});

test('the cache of views has a bound', () => {
  const cache = new SideInputCache(100);
  cache.put('a', 1, 40);
  cache.put('b', 2, 40);
  cache.get('a');
  cache.put('c', 3, 40);
  assert.deepEqual(
    ['a', 'b', 'c'].map((name) => cache.get(name)?.view),
    [1, undefined, 3],
  );
  cache.put('huge', 4, 1000);
  assert.deepEqual(
    ['a', 'c', 'huge'].map((name) => cache.get(name)?.view),
    [undefined, undefined, 4],
  );
});

test('a large group of a GroupByKey is read on where its element ends', async () => {
  const values = ['kept by the runner', 'é', '', 'more'];
  await service.put(keyName('runner', 'token page=3'), encoded(coders.string, values));
  const bundle = new BundleState(() => channels.of(service.endpoint));
  const coder = new StateBackedIterableCoder(coders.string, continuationReader(bundle) as never);
  const out = new ByteWriter(64);
  out.uint32(0xffffffff);
  out.varint(1);
  out.string('first');
  out.varint64(-1n);
  out.string('token page=3');
  const group = decodeFromBytes(coder, out.copy());
  bundle.begin('i');
  for (const _ of [1, 2]) assert.deepEqual([...group], ['first', ...values]);
  bundle.end();
});
