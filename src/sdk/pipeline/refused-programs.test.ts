/** Programs that are wrong in ways that types would show, as JavaScript can write them: each message says what to do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  approximateQuantiles,
  approximateUnique,
  asList,
  Count,
  calendarYears,
  coders,
  coGroupByKey,
  fixed,
  flatten,
  GroupByKey,
  innerJoin,
  keyBy,
  type PCollection,
  Pipeline,
  PipelineError,
  type PTransform,
  partition,
  pipeline,
  sample,
  sessions,
  sliding,
  sum,
  timestamp,
  top,
  transform,
  Wait,
  type WindowFn,
} from '../index.ts';

interface Untyped {
  map(...args: unknown[]): unknown;
  parDo(...args: unknown[]): unknown;
}

function refusal(program: (p: Pipeline) => void): PipelineError {
  try {
    program(new Pipeline());
  } catch (error) {
    assert.ok(error instanceof PipelineError, String(error));
    return error;
  }
  return assert.fail('the program was not refused');
}

const untyped = (p: Pipeline) => p.create([1]) as unknown as Untyped;

test('a step without a name', () => {
  const map = refusal((p) => untyped(p).map((x: unknown) => x));
  assert.equal(map.code, 'FUNCTION_MISSING');
  assert.equal(map.summary, 'map() needs a name and a function');
  assert.match(map.context.hint ?? '', /map\('what it does'/);
  const parDo = refusal((p) => untyped(p).parDo({ process: () => [] }));
  assert.equal(parDo.code, 'TRANSFORM_NAME');
  assert.match(parDo.message, /parDo\('what it does', \{/);
  assert.equal(refusal((p) => untyped(p).parDo('x', (x: unknown) => x)).code, 'DO_FN_INVALID');
  assert.equal(refusal((p) => p.create([1]).map('', (x) => x)).code, 'TRANSFORM_NAME');
});

test('the error says where, also when what is wrong is found before it is applied', () => {
  const wrong: Record<string, (p: Pipeline) => unknown> = {
    map: (p) => p.create([1]).map('x', 5 as never),
    keyBy: (p) => p.create([1]).apply(keyBy('x', undefined as never)),
    combine: (p) => p.create([1]).combine(sum as never),
    top: () => top(0),
    sample: () => sample(-1),
    quantiles: () => approximateQuantiles([2]),
    unique: () => approximateUnique({ error: 2 }),
    fixed: () => fixed('1 parsec' as never),
    calendar: () => calendarYears(0.5),
    partition: (p) => p.create([1]).apply(partition('x', [], () => 'a' as never)),
    flatten: () => flatten([]),
    wait: () => Wait.on(),
    apply: (p) => p.apply(undefined as never),
    coder: (p) => p.create([1]).withCoder({} as never),
    sides: (p) => p.create([1]).parDo('x', { sides: { a: 1 as never }, process: () => [1] }),
    timestamp: () => timestamp('yesterday'),
    definition: () => pipeline('', {}, () => {}),
  };
  for (const [name, program] of Object.entries(wrong)) {
    const { context } = refusal((p) => program(p));
    assert.match(context.location ?? '', /refused-programs\.test\.ts:\d+:\d+$/, name);
  }
  const inside = refusal((p) =>
    p.create([1]).apply(transform('Outer', (all: PCollection<number>) => all.combine(top(0)))),
  );
  assert.equal(inside.context.transform, 'Outer');
});

test('a DoFn without a number of calls', () => {
  for (const concurrency of [0, -1, 1.5, Number.NaN, '3']) {
    assert.equal(refusal((p) => untyped(p).parDo('x', { concurrency, process() {} })).code, 'DO_FN_INVALID');
  }
});

test('window options that there are not', () => {
  const window = (options: object) => refusal((p) => p.create([1]).window(fixed('1h'), options)).summary;
  assert.match(
    window({ timestampCombiner: 'middle' }),
    /timestampCombiner .* endOfWindow, earliest, latest, not middle$/,
  );
  assert.match(window({ accumulation: 'some' }), /discarding, accumulating, not some$/);
});

test('something else where a transform is needed', () => {
  const apply = (transform: unknown) => refusal((p) => p.create([1]).apply(transform as PTransform<unknown, void>));
  assert.match(apply((x: unknown) => x).summary, /^apply\(\) needs a transform, not a function$/);
  assert.match(apply(Count).summary, /not an object without expand\(\)$/);
  assert.match(apply(undefined).message, /undefined[\s\S]*transform\('Name'/);
  const window = refusal((p) => p.create([1]).window('1h' as unknown as WindowFn<never>));
  assert.equal(window.code, 'WINDOW_INVALID');
  assert.match(window.message, /window\(fixed\('1h'\)\)/);
  assert.equal(refusal((p) => p.create([1]).combine(sum as never)).code, 'COMBINE_FN_INVALID');
});

test('collections that have different windows or pipelines do not meet', () => {
  const pairs = (p: Pipeline): PCollection<[string, number]> => p.create([['a', 1]]);
  const hourly = (p: Pipeline) => pairs(p).window(fixed('1h'));
  const join = refusal((p) => hourly(p).apply(innerJoin(pairs(p).window(fixed('2h')))));
  assert.equal(join.code, 'WINDOWS_DIFFER');
  assert.equal(join.summary, "'InnerJoin' cannot join collections with different windows");
  assert.equal(join.context.transform, 'InnerJoin/CoGroup');
  assert.match(join.context.location ?? '', /refused-programs\.test\.ts:\d+:\d+$/);
  assert.match(join.context.hint ?? '', /^'left' has fixed\(1h\), 'right' has fixed\(2h\)/);
  const group = refusal((p) => coGroupByKey({ a: pairs(p), b: hourly(p) as unknown as PCollection<[string, number]> }));
  assert.match(group.context.hint ?? '', /^'a' has the global window, 'b' has fixed\(1h\)/);
  const merged = refusal((p) => flatten([hourly(p), pairs(p).window(sliding({ size: '1h', every: '30m' }))]));
  assert.equal(merged.context.transform, 'Flatten');
  assert.match(merged.context.hint ?? '', /Window\.main has fixed\(1h\), .* has sliding\(1h, 30m\)/);
  assert.equal(refusal((p) => flatten([p.create([1]), new Pipeline().create([2])])).code, 'FOREIGN_COLLECTION');

  const p = new Pipeline();
  flatten([pairs(p).window(fixed('60m')), hourly(p)]);
  flatten([
    pairs(p).window(sessions({ gap: '1m' })),
    pairs(p)
      .window(sessions({ gap: '60s' }))
      .combinePerKey(sum()),
  ]);
});

test('collections of another pipeline', () => {
  const other = new Pipeline();
  // The same name as in the pipeline at hand: what is meant is told by the object.
  const foreign = other.create([1]);
  const side = refusal((p) => p.create([2]).parDo('read', { sides: { foreign: asList(foreign) }, process() {} }));
  assert.equal(side.code, 'FOREIGN_COLLECTION');
  assert.match(side.summary, /^Side input 'foreign' belongs to another pipeline$/);
  assert.equal(refusal((p) => p.create([2]).apply(Wait.on(foreign))).code, 'FOREIGN_COLLECTION');
  assert.equal(refusal((p) => flatten([p.create([2]), foreign])).code, 'FOREIGN_COLLECTION');
  const output = refusal((p) => p.create([2]).apply(transform('Other', () => foreign)));
  assert.equal(output.summary, "The output of 'Other' belongs to another pipeline");
});

test('outputs that cannot be told apart or have no coder', () => {
  const outputs = (tags: Record<string, unknown>) =>
    refusal((p) => untyped(p).parDo('split', { outputs: tags, process: () => [] }));
  assert.equal(outputs({ main: coders.string }).code, 'OUTPUT_NAME');
  assert.equal(outputs({ ['__proto__']: coders.string }).code, 'OUTPUT_NAME');
  assert.equal(
    outputs({ tag: 'string' }).summary,
    "The coder of the output 'tag' of 'split' is none, but the string \"string\"",
  );
  assert.equal(refusal((p) => p.create([1]).withCoder('int' as never)).code, 'CODER_INVALID');
  assert.equal(refusal((p) => p.create([1], {} as never)).code, 'CODER_INVALID');
  const parts = refusal((p) => p.create([1]).apply(partition('parts', ['__proto__'], () => '__proto__')));
  assert.equal(parts.code, 'OUTPUT_NAME');
  const pairs = (p: Pipeline) => p.create<[string, number]>([['a', 1]]);
  assert.equal(refusal((p) => coGroupByKey({ ['__proto__']: pairs(p) })).code, 'OUTPUT_NAME');
});

test('a grouping of what is no pair, or has no deterministic key', () => {
  const numbers = refusal((p) =>
    p
      .create([1], coders.double)
      .apply('by nothing', new GroupByKey() as unknown as PTransform<unknown, PCollection<unknown>>),
  );
  assert.equal(numbers.code, 'KEY_MISSING');
  assert.match(numbers.context.location ?? '', /refused-programs\.test\.ts:\d+:\d+$/);
  const doubles = refusal((p) =>
    p.create<[number, number]>([[0.5, 1]], coders.kv(coders.double, coders.double) as never).groupByKey(),
  );
  assert.equal(doubles.code, 'KEY_NOT_DETERMINISTIC');
});

test('a transform after the run', async () => {
  const p = new Pipeline({ threads: 0 });
  const numbers = p.create([1]);
  await p.run();
  assert.throws(() => numbers.map('late', (x) => x), { code: 'PIPELINE_SEALED' });
});
