/** Transforms of Python and Java in pipelines of ours, and of ours in pipelines of Python, on Prism and Flink: `npm run test:cross-language`. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readText } from '../../src/io/index.ts';
import {
  discoverSchemaTransforms,
  expansion,
  expansionService,
  javaTransform,
  offer,
  pythonTransform,
  type ServedExpansions,
  schemaTransform,
} from '../../src/runners/portable/index.ts';
import {
  asMap,
  coders,
  fixed,
  type KV,
  type PCollection,
  Pipeline,
  type RunnerError,
  state,
  sum,
  timestamp,
  transform,
  type Window,
  withTimestamps,
} from '../../src/sdk/index.ts';
import { flink } from '../peers/flink.ts';
import { startJavaExpansion, whyNoJava } from '../peers/java.ts';
import type { Peer } from '../peers/peer.ts';
import { prism } from '../peers/prism.ts';
import { PYTHON, startPythonExpansion, whyNoPython } from '../peers/python.ts';

const skip =
  process.env.MILLRACE_TEST_PEERS === '1'
    ? (prism.whyNot() ?? whyNoPython() ?? false)
    : 'needs Prism and Python: npm run test:cross-language';

const PROGRAMS = join(import.meta.dirname, 'programs');

const counts = coders.kv(coders.string, coders.safeInt);

describe('transforms of Python in a pipeline on Prism', { skip }, () => {
  let runner: Peer;
  let python: Peer;
  before(async () => {
    runner = await prism.start();
    python = await startPythonExpansion(PROGRAMS);
  });
  after(async () => {
    await python?.stop();
    await runner?.stop();
  });
  const pipeline = () => new Pipeline({ runner: 'portable', endpoint: runner.endpoint });

  test('elements and groups of standard coders', async () => {
    const p = pipeline();
    const words = p.create(['a', 'b', 'c', 'a'], coders.string);
    const count = 'apache_beam.transforms.combiners.Count.PerElement';
    const counted = words.apply(pythonTransform(python.endpoint, count, { output: counts }));
    const doubled = counted.map('Double', ([word, n]) => `${word}${2 * n}`).collect();
    const result = await p.run();
    assert.deepEqual(result.elements(doubled).toSorted(), ['a4', 'b2', 'c2']);
  });

  test('a source, with arguments', async () => {
    const p = pipeline();
    const args = { coder: coders.row({ values: coders.array(coders.safeInt) }), value: { values: [1, 2, 3] } };
    const created = p.apply(pythonTransform(python.endpoint, 'apache_beam.Create', { args, output: coders.safeInt }));
    const next = created.map('Next', (n) => n + 1).collect();
    const result = await p.run();
    assert.deepEqual(result.elements(next).toSorted(), [2, 3, 4]);
  });

  test('several outputs, several inputs, rows', async () => {
    const p = pipeline();
    const kwargs = { coder: coders.row({ at: coders.safeInt }), value: { at: 3 } };
    const output = { small: coders.safeInt, large: coders.safeInt };
    const numbers = p.create([1, 2, 3, 4], coders.safeInt);
    const split = numbers.apply(pythonTransform(python.endpoint, 'python_transforms.Split', { kwargs, output }));
    const left = split.small.keyBy('Left', (n) => String(n % 2)).withCoder(counts);
    const right = split.large.keyBy('Right', (n) => String(n % 2)).withCoder(counts);
    const joined = p.applyTo(
      { left, right },
      pythonTransform(python.endpoint, 'python_transforms.Join', { output: coders.string }),
    );
    const row = coders.row({ word: coders.string, length: coders.safeInt });
    const lengths = joined.apply(pythonTransform(python.endpoint, 'python_transforms.Lengths', { output: row }));
    const collected = lengths.collect();
    const result = await p.run();
    const byWord = result.elements(collected).toSorted((a, b) => (a.word < b.word ? -1 : 1));
    assert.deepEqual(byWord, [
      { word: '0 [2] [4]', length: 9 },
      { word: '1 [1] [3]', length: 9 },
    ]);
  });

  test('windows go along', async () => {
    const p = pipeline();
    const words = p.create(
      [
        ['a', 1],
        ['a', 2],
        ['a', 61],
      ] as KV<string, number>[],
      counts,
    );
    const windowed = words
      .apply(withTimestamps('Time', ([, second]) => timestamp(second * 1000)))
      .map('Word', ([word]) => word)
      .withCoder(coders.string)
      .window(fixed('1m'));
    const count = 'apache_beam.transforms.combiners.Count.PerElement';
    const counted = windowed.apply(pythonTransform(python.endpoint, count, { output: counts })).collect();
    const result = await p.run();
    assert.deepEqual(result.elements(counted).toSorted(), [
      ['a', 1],
      ['a', 2],
    ]);
  });

  test('what fails there says so here, before and while the job runs', async () => {
    const p = pipeline();
    p.create(['x'], coders.string).apply(
      pythonTransform(python.endpoint, 'python_transforms.Fail', { output: coders.string }),
    );
    await assert.rejects(p.run(), (error: RunnerError) => /no x in Python/.test(error.message));
    const unknown = pipeline();
    unknown.apply(pythonTransform(python.endpoint, 'python_transforms.Absent', { output: coders.string }));
    await assert.rejects(unknown.run(), /EXPANSION_FAILED[\s\S]*/);
    const other = pipeline();
    other.apply(expansion(python.endpoint, 'no:such:urn', new Uint8Array()));
    await assert.rejects(other.run(), /no:such:urn/);
  });
});

const skipFlink = skip || (flink.whyNot() ?? false);

describe('transforms of Python and of ours in a pipeline on Flink', { skip: skipFlink }, () => {
  let runner: Peer;
  let python: Peer;
  let served: ServedExpansions;
  before(async () => {
    runner = await flink.start();
    python = await startPythonExpansion(PROGRAMS);
    served = await service.serve();
  });
  after(async () => {
    await served?.close();
    await python?.stop();
    await runner?.stop();
  });

  test('one after the other', async () => {
    const p = new Pipeline({ runner: 'portable', endpoint: runner.endpoint, runnerOptions: { parallelism: 1 } });
    const words = p.create(['a', 'b', 'a'], coders.string);
    const count = 'apache_beam.transforms.combiners.Count.PerElement';
    const counted = words.apply(pythonTransform(python.endpoint, count, { output: counts }));
    const totals = counted.apply(expansion(served.endpoint, 'test:totals', new Uint8Array(), { output: counts }));
    const collected = totals.collect();
    const result = await p.run();
    assert.deepEqual(result.elements(collected).toSorted(), [
      ['a', 2],
      ['b', 1],
    ]);
  });
});

const skipJava = skip || (whyNoJava() ?? false);

describe('transforms of Java in a pipeline on Prism', { skip: skipJava }, () => {
  let runner: Peer;
  let java: Peer;
  before(async () => {
    runner = await prism.start();
    java = await startJavaExpansion();
  });
  after(async () => {
    await java?.stop();
    await runner?.stop();
  });

  test('by class and by schema, in one job', async () => {
    const p = new Pipeline({ runner: 'portable', endpoint: runner.endpoint });
    const distinct = p.create(['a', 'b', 'a'], coders.string).apply(
      javaTransform(java.endpoint, 'org.apache.beam.sdk.transforms.Distinct', {
        constructorMethod: 'create',
        output: coders.string,
      }),
    );
    // Java looks for parameters of these names, but for those that are called so.
    const argument = (ignore0: number) => ({ coder: coders.row({ ignore0: coders.safeInt }), value: { ignore0 } });
    const numbers = p.apply(
      javaTransform(java.endpoint, 'org.apache.beam.sdk.io.GenerateSequence', {
        constructorMethod: 'from',
        args: argument(1),
        methods: [{ name: 'to', args: argument(4) }],
        output: coders.safeInt,
      }),
    );
    const identifier = 'beam:schematransform:org.apache.beam:generate_sequence:v1';
    const configuration = {
      coder: coders.row({ start: coders.safeInt, end: coders.safeInt }),
      value: { start: 3, end: 5 },
    };
    const rows = p.apply(
      schemaTransform(java.endpoint, identifier, configuration, { output: coders.row({ value: coders.safeInt }) }),
    );
    const found = {
      words: distinct.map('Shout', (word) => `${word}!`).collect(),
      numbers: numbers.map('Next', (n) => n + 1).collect(),
      rows: rows.collect(),
    };
    const result = await p.run();
    assert.deepEqual(result.elements(found.words).toSorted(), ['a!', 'b!']);
    assert.deepEqual(result.elements(found.numbers).toSorted(), [2, 3, 4]);
    assert.deepEqual(
      result.elements(found.rows).toSorted((a, b) => a.value - b.value),
      [{ value: 3 }, { value: 4 }],
    );
  });

  test('what its service offers is listed', async () => {
    const found = await discoverSchemaTransforms(java.endpoint);
    const sequence = found.find(({ identifier }) => identifier.includes('generate_sequence'));
    assert.deepEqual(sequence?.outputs, ['output']);
    assert.deepEqual(sequence?.fields.map(({ name }) => name).toSorted(), ['end', 'rate', 'start']);
  });
});

type Counts = PCollection<KV<string, number>, Window>;

const service = expansionService({
  'test:scale': offer({
    configuration: coders.row({ factor: coders.safeInt }),
    inputs: coders.safeInt,
    transform: ({ factor }) =>
      transform('Scale', (numbers: PCollection<number>) =>
        numbers.map('Times', (n) => n * factor).withCoder(coders.safeInt),
      ),
  }),
  'test:totals': offer({
    inputs: counts,
    transform: () => transform('Totals', (pairs: Counts) => pairs.combinePerKey(sum()).withCoder(counts)),
  }),
  'test:read': (payload) =>
    transform('Read', (p: Pipeline) =>
      p
        .create([payload.length])
        .map('Value', (n) => n)
        .withCoder(coders.safeInt),
    ),
  'test:repeated': offer({
    inputs: counts,
    transform: () =>
      transform('Repeated', (pairs: PCollection<KV<string, number>>) =>
        pairs
          .parDo('Seen', {
            state: { seen: state.value(coders.boolean) },
            *process([key], { state: { seen } }) {
              if (seen.read() === true) yield key;
              seen.write(true);
            },
          })
          .withCoder(coders.string),
      ),
  }),
  'test:lines': (payload) =>
    transform('Lines', (p: Pipeline) => p.apply(readText(Buffer.from(payload).toString())).withCoder(coders.string)),
  'test:without': () =>
    transform('Without', ({ words, stop }: { words: PCollection<string>; stop: PCollection<string> }) => {
      const stops = asMap(stop.map('Pair', (word): KV<string, boolean> => [word, true]));
      const { main, stopped } = words.parDo('Split', {
        sides: { stops },
        outputs: { stopped: coders.string },
        *process(word, { sides, output }) {
          if (sides.stops.has(word)) output('stopped', word);
          else yield word;
        },
      });
      return { kept: main.withCoder(coders.string), stopped };
    }),
});

describe('transforms of ours in a pipeline of Python on Prism', { skip }, () => {
  let runner: Peer;
  let served: ServedExpansions;
  before(async () => {
    runner = await prism.start();
    served = await service.serve();
  });
  after(async () => {
    await served?.close();
    await runner?.stop();
  });

  test('configured by rows and bytes, discovered, windowed, with side inputs, from nothing', async () => {
    const program = join(PROGRAMS, 'uses_millrace.py');
    const file = join(mkdtempSync(join(tmpdir(), 'millrace-test-')), 'lines.txt');
    writeFileSync(file, 'one\ntwo\n');
    const child = spawn(PYTHON, [program, runner.endpoint, served.endpoint, file], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => void (printed += chunk));
    const [code] = await once(child, 'close');
    assert.equal(code, 0, printed);
    assert.match(printed, /passed/);
  });
});
