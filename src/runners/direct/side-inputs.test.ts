/** What a function that reads a side input may meet: elements that do not fit the view, and views that are shared. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  asList,
  asMap,
  asMultimap,
  asSingleton,
  coders,
  MillraceError,
  type PCollection,
  Pipeline,
  PipelineError,
  type SideInput,
} from '../../sdk/index.ts';

type Read = (value: never) => unknown;

/** Reads the side input once, and gives what `read` makes of it. */
async function reading(
  side: (p: Pipeline) => SideInput<unknown>,
  read: Read,
  options: { strict?: boolean } = {},
): Promise<unknown> {
  const p = new Pipeline({ threads: 0, maxAttempts: 1, ...options });
  const result = p
    .create([0])
    .parDo('Read', { sides: { side: side(p) }, process: (_n, { sides }) => [read(sides.side as never)] })
    .collect();
  return (await p.run()).elements(result)[0];
}

async function failing(...args: Parameters<typeof reading>): Promise<MillraceError> {
  const error = await reading(...args).then(
    () => assert.fail('nothing failed'),
    (error: unknown) => error,
  );
  assert.ok(error instanceof MillraceError, String(error));
  return error;
}

describe('a map of what is no pair', () => {
  for (const elements of [[1, 2], [null], [['a']], [['a', 1, 2]], [{ 0: 'a', 1: 'b', length: 2 }]]) {
    for (const view of [asMap, asMultimap]) {
      test(`${JSON.stringify(elements)} by ${view.name}`, async () => {
        const error = await failing(
          (p) => view(p.create<unknown & {}>(elements as never[]) as unknown as PCollection<[string, number]>),
          (map: ReadonlyMap<string, number>) => map.size,
        );
        assert.ok(error instanceof PipelineError);
        assert.equal(error.code, 'SIDE_INPUT_NOT_KEYED');
        assert.match(error.summary, /^Side input 'side' is read as a (multi)?map, and its elements are not all \[key/);
        assert.equal(error.context.transform, 'Read');
        assert.match(error.context.hint ?? '', /keyBy\(\)/);
      });
    }
  }

  test('is refused when the pipeline is built, where the coder tells', () => {
    const p = new Pipeline();
    const strings = p.create(['a'], coders.string) as unknown as PCollection<[string, number]>;
    assert.throws(
      () => p.create([1]).parDo('Read', { sides: { names: asMap(strings) }, process: () => [1] }),
      (error: MillraceError) => error.code === 'SIDE_INPUT_NOT_KEYED' && error.context.location !== undefined,
    );
  });

  test('with keys that have no equality', async () => {
    for (const key of [{ a: 1 }, new Date(0), undefined]) {
      const error = await failing(
        (p) => asMap(p.create([[key, 1]] as never[])),
        (map: ReadonlyMap<unknown, unknown>) => map.size,
      );
      assert.equal(error.code, 'CODER_NOT_A_KEY');
    }
  });
});

describe('a view cannot be changed by those who read it', () => {
  const pairs = (p: Pipeline) => p.create([['a', { n: [1] }] as const]);

  test('lists', async () => {
    const error = await failing(
      (p) => asList(p.create([3, 1, 2])),
      (list: number[]) => list.sort(),
    );
    assert.match(error.summary, /^TypeError: Cannot assign to read only property/);
    assert.deepEqual(
      await reading(
        (p) => asList(p.create([3])),
        (list: number[]) => list.toSorted(),
      ),
      [3],
    );
  });

  test('maps', async () => {
    for (const change of [
      (map: Map<string, unknown>) => map.set('b', 1),
      (map: Map<string, unknown>) => map.delete('a'),
      (map: Map<string, unknown>) => map.clear(),
    ]) {
      for (const view of [asMap, asMultimap]) {
        const error = await failing((p) => view(pairs(p)), change);
        assert.equal(error.code, 'SIDE_INPUT_READ_ONLY');
      }
    }
    const error = await failing(
      (p) => asMultimap(pairs(p)),
      (map: ReadonlyMap<string, unknown[]>) => map.get('a')?.push(1),
    );
    assert.match(error.summary, /not extensible/);
  });

  test('nor, in strict mode, what is in it', async () => {
    const strict = { strict: true };
    const push = ({ n }: { n: number[] }) => n.push(2);
    for (const [side, read] of [
      [(p) => asList(p.create([{ n: [1] }])), ([first]: { n: number[] }[]) => push(first)],
      [(p) => asSingleton(p.create([{ n: [1] }])), push],
      [(p) => asMap(pairs(p)), (map: Map<string, { n: number[] }>) => push(map.get('a') as never)],
      [(p) => asMultimap(pairs(p)), (map: Map<string, { n: number[] }[]>) => push(map.get('a')?.[0] as never)],
    ] as [(p: Pipeline) => SideInput<unknown>, Read][]) {
      assert.match((await failing(side, read, strict)).summary, /not extensible/);
      assert.equal(await reading(side, read), 2);
    }
    // The fallback is the program's own.
    const fallback = { n: [] };
    await reading(
      (p) => asSingleton(p.create<{ n: never[] }>([]), { fallback }),
      (value) => value,
      strict,
    );
    assert.equal(Object.isFrozen(fallback), false);
  });
});
