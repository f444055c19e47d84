import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stringCoder } from '../coders/string-coder.ts';
import { Pipeline } from '../pipeline/pipeline.ts';
import { asMap } from '../transforms/side-input.ts';
import { sessions } from '../windows/session-windows.ts';
import { printDot, printMermaid } from './print-diagram.ts';
import { printJson } from './print-json.ts';
import { printText } from './print-text.ts';

function sample() {
  const p = new Pipeline();
  const words = p.create(['a'], stringCoder);
  const table = asMap(words.keyBy('by "name"', (word) => word));
  words
    .parDo('look up', { sides: { table }, outputs: { missing: stringCoder }, process: (word) => [word] })
    .main.keyBy('key', (word) => word)
    .window(sessions({ gap: '30m' }), { timestampCombiner: 'earliest' })
    .groupByKey();
  return p.graph;
}

describe('printed graphs', () => {
  it('as text', () => {
    assert.equal(
      printText(sample(), 'sample'),
      [
        'sample',
        '├─ Create       composite',
        '│  ├─ Impulse   impulse     → bytes',
        '│  └─ Elements  flatMap     ← Create/Impulse  → string_utf8',
        '├─ by "name"    keyBy       ← Create/Elements  → kv<key, string_utf8>',
        '├─ look up      parDo       ← Create/Elements, by "name" (as map \'table\')  → main: value  → missing: string_utf8',
        '├─ key          keyBy       ← look up  → kv<key, value>',
        '├─ Window       window      ← key  → kv<key, value> in session(30m), earliest',
        '└─ GroupByKey   groupByKey  ← Window  → kv<key, iterable<value>> in session(30m), earliest',
        '',
      ].join('\n'),
    );
  });

  it('as JSON', () => {
    const json = JSON.parse(printJson(sample(), 'sample'));
    assert.equal(json.name, 'sample');
    assert.deepEqual(
      json.transforms.map(({ name, kind }: { name: string; kind: string }) => `${name}: ${kind}`),
      [
        'Create: composite',
        'Create/Impulse: impulse',
        'Create/Elements: flatMap',
        'by "name": keyBy',
        'look up: parDo',
        'key: keyBy',
        'Window: window',
        'GroupByKey: groupByKey',
      ],
    );
    assert.deepEqual(json.transforms[4].sideInputs, { table: 'map' });
    assert.deepEqual(json.collections.at(-1).coder, {
      urn: 'beam:coder:kv:v1',
      components: [
        { urn: 'millrace:coder:key:v1' },
        { urn: 'beam:coder:iterable:v1', components: [{ urn: 'millrace:coder:value:v1' }] },
      ],
    });
    assert.equal(json.collections.at(-1).windowing.windowFn.urn, 'beam:window_fn:session_windows:v1');
  });

  it('as DOT, with quotes escaped and side inputs dashed', () => {
    const dot = printDot(sample(), 'a "sample"');
    assert.ok(dot.startsWith('digraph "a \\"sample\\"" {\n'));
    assert.ok(dot.includes('t3 [label="by \\"name\\"\\nkeyBy"];'));
    assert.ok(dot.includes('t3 -> t4 [label="table: map of kv<key, string_utf8>", style=dashed];'));
    assert.ok(dot.includes('subgraph cluster_t0 {\n    label="Create";'));
    assert.equal(dot.split('{').length, dot.split('}').length);
    assert.ok(dot.endsWith('}\n'));
  });

  it('as Mermaid, with quotes as entities', () => {
    const mermaid = printMermaid(sample(), 'sample');
    assert.ok(mermaid.startsWith('---\ntitle: "sample"\n---\nflowchart TD\n'));
    assert.ok(mermaid.includes('t3["by #34;name#34;<br/>keyBy"]'));
    assert.ok(mermaid.includes('t3 -. "table: map of kv#60;key, string_utf8#62;" .-> t4'));
    assert.equal(mermaid.match(/subgraph/g)?.length, mermaid.match(/^ *end$/gm)?.length);
  });
});
