import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Coder } from '../sdk/coders/coder.ts';
import { coders } from '../sdk/coders/index.ts';
import { CoderError } from '../sdk/errors.ts';
import { Pipeline } from '../sdk/pipeline/pipeline.ts';
import { checkCoder } from './strict-checks.ts';

const base = { components: [], nonDeterministic: undefined };
/** Its bytes count how often it was used. */
let uses = 0;
const counting: Coder<string> = {
  ...base,
  urn: 'test:coder:counting:v1',
  encode: (_text, out) => out.byte(uses++ & 0xff),
  decode: (input) => String(input.byte()),
};
/** Loses the case of letters when it reads. */
const lossy: Coder<string> = {
  ...base,
  urn: 'test:coder:lossy:v1',
  encode: (text, out, nested) => coders.string.encode(text, out, nested),
  decode: (input, nested) => coders.string.decode(input, nested).toLowerCase(),
};
/** Leaves bytes behind. */
const short: Coder<string> = {
  ...base,
  urn: 'test:coder:short:v1',
  encode: (text, out) => coders.string.encode(text, out, true),
  decode: (input) => String(input.byte()),
};

test('a coder that does not keep what it is given is found', () => {
  assert.throws(() => checkCoder(counting as Coder<unknown>, 'a'), /writes an element differently each time/);
  assert.throws(() => checkCoder(lossy as Coder<unknown>, 'A'), /reads something else than it has written/);
  assert.throws(() => checkCoder(short as Coder<unknown>, 'abc'), /cannot read what it has written/);
  assert.throws(() => checkCoder(lossy as Coder<unknown>, 'A'), { code: 'CODER_UNSTABLE', constructor: CoderError });
});

test('a field that the default coder leaves out is found', () => {
  const secret = Symbol('secret');
  const pairs = coders.kv(coders.string, coders.default()) as Coder<unknown>;
  for (const [coder, element] of [
    [coders.default(), { [secret]: 1 }],
    [coders.default(), [{ a: new Map([[1, { [secret]: 1 }]]) }]],
    [pairs, ['key', new Set([{ [secret]: 1 }])]],
  ] as const) {
    assert.throws(() => checkCoder(coder, element), { code: 'CODER_SYMBOL', message: /Symbol\(secret\)/ });
  }
  checkCoder(coders.default(), Object.defineProperty({}, secret, { value: 1, enumerable: false }));
});

test('an iterable that can be read once only is found', () => {
  function* once() {
    yield 1;
  }
  const coder = coders.iterable(coders.double) as Coder<unknown>;
  assert.throws(() => checkCoder(coder, once()), /differently each time/);
  checkCoder(coder, [1]);
});

test('values of the default coder pass, and so does what it refuses: the writer says so', () => {
  const values = [1, 'a', -0, Number.NaN, null, undefined, 5n, new Date(5), [1, [2]], { a: { b: [1] } }];
  const more = [new Map([['a', new Set([1])]]), Uint8Array.of(1), new Float64Array([1.5]), () => 1, Symbol('s')];
  for (const value of [...values, ...more]) checkCoder(coders.default(), value);
});

test('strict mode checks what leaves a stage', async () => {
  const run = (strict: boolean): Promise<unknown> => {
    const p = new Pipeline({ threads: 0, strict, maxAttempts: 1 });
    p.create(['A'], lossy)
      .keyBy('key', () => 'k')
      .groupByKey('Group')
      .map('read', ([, all]) => [...all]);
    return p.run();
  };
  await run(false);
  await assert.rejects(run(true), (error: CoderError) => {
    assert.equal(error.code, 'CODER_UNSTABLE');
    assert.equal(error.context.transform, 'key');
    assert.equal(error.context.element, "[ 'k', 'A' ]");
    return true;
  });
});

test('strict mode finds an input that is changed, however late', async () => {
  interface Box {
    n: number;
  }
  const changes: Record<string, (box: Box) => Iterable<number> | AsyncIterable<number> | Promise<number[]>> = {
    'at once': (box) => [box.n++],
    'after a promise': async (box) => {
      await null;
      return [box.n++];
    },
    *'while it yields'(box) {
      yield 1;
      box.n++;
    },
    async *'while it yields promises'(box) {
      yield 1;
      box.n++;
    },
  };
  for (const [when, change] of Object.entries(changes)) {
    const p = new Pipeline({ threads: 0, strict: true, maxAttempts: 1 });
    p.create([{ n: 1 }]).flatMap(when, change);
    await assert.rejects(p.run(), { code: 'INPUT_MUTATED' }, when);
  }
  const p = new Pipeline({ threads: 0, strict: true, maxAttempts: 1 });
  const lists = p.create([{ n: 1 }]).map('iterable', ({ n }) => new Set([n]));
  lists.flatMap('elements', (list) => list).map('later', async (n) => n);
  await p.run();
});
