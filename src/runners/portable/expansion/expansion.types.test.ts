/** Type tests of what transforms of other SDKs take and give. They pass by compiling; run, they build the pipelines. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coders, fixed, type IntervalWindow, type KV, type PCollection, Pipeline } from '../../../sdk/index.ts';
import { expansion, pythonTransform } from '../index.ts';

const PAYLOAD = new Uint8Array();

test('outputs have the types of their coders and the windows of the input', () => {
  const p = new Pipeline();
  const words = p.create(['a'], coders.string);
  const counted: PCollection<KV<string, number>> = words.apply(
    pythonTransform('s:1', 'a.Count', { output: coders.kv(coders.string, coders.safeInt) }),
  );
  const windowed: PCollection<string, IntervalWindow> = words
    .window(fixed('1m'))
    .apply(expansion('s:1', 'u', PAYLOAD, { output: coders.string }));
  const { good, bad } = words.apply(
    expansion('s:1', 'u', PAYLOAD, { output: { good: coders.string, bad: coders.int64 } }),
  );
  const [texts, numbers]: [PCollection<string>, PCollection<bigint>] = [good, bad];
  const read: PCollection<string> = p.apply(expansion('s:1', 'u', PAYLOAD, { output: coders.string }));
  const joined: PCollection<string> = p.applyTo(
    { left: words, right: numbers },
    expansion('s:1', 'u', PAYLOAD, { output: coders.string }),
  );
  words.apply(expansion('s:1', 'u', PAYLOAD)) satisfies void;
  // @ts-expect-error the elements are strings
  counted.map('Wrong', ([word]) => word.toFixed());
  const { producer } = joined.node;
  assert.deepEqual(p.graph.transforms.get(producer)?.inputs, { left: words.node.id, right: numbers.node.id });
  assert.notEqual(windowed.node.windowing, texts.node.windowing);
  assert.equal(read.node.bounded, true);
});
