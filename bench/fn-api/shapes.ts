import { TransformUrn } from '../../src/model/urns.ts';
import type { Coder } from '../../src/sdk/coders/coder.ts';
import { coders, type KV, type PCollection, Pipeline, state, sum } from '../../src/sdk/index.ts';
import { combineStage, type FnStage, stepStage } from '../../test/support/fn-stage.ts';

/** Elements of one message of the data plane. */
export const MESSAGE_ELEMENTS = 2000;

/** A stage that the benchmark measures, and the elements that it is given. */
export interface Shape {
  readonly title: string;
  readonly stage: FnStage;
  /** Elements of a bundle. */
  readonly elements: number;
  /** The elements of one message of a bundle, by its number; bundles are alike. */
  message(number: number): readonly unknown[];
  /** What is added up of the stage's output to know that it did its work. */
  digest(element: unknown): number;
  /** The sum of a bundle, counted from 0, as a plain loop over the same elements finds it. */
  expected(bundle: number, elements: Iterable<unknown>): number;
}

export type ShapeName = 'map' | 'kv' | 'stateful' | 'combine';

/** Every shape by name, made when it is asked for: both threads of a run make the same. */
export const SHAPES: Readonly<Record<ShapeName, () => Shape>> = { map, kv: keyed, stateful, combine };
export const SHAPE_NAMES = Object.keys(SHAPES) as ShapeName[];

const pairs = coders.kv(coders.string, coders.safeInt) as Coder<KV<string, number>>;

function map(): Shape {
  const pipeline = new Pipeline();
  one(pipeline, '', coders.string)
    .map('step', (text) => `${text}!`)
    .withCoder(coders.string);
  const texts = Array.from({ length: MESSAGE_ELEMENTS }, (_, i) => `element number ${i}`);
  return {
    title: 'map of strings',
    stage: stepStage(pipeline, 'step', coders.string, coders.string),
    elements: 1_000_000,
    message: () => texts,
    digest: (text) => (text as string).length,
    expected: (_, elements) => total(elements, (text) => (text as string).length + 1),
  };
}

function keyed(): Shape {
  const pipeline = new Pipeline();
  one<KV<string, number>>(pipeline, ['', 0], pairs)
    .map('step', ([key, value]): KV<string, number> => [key, value + 1])
    .withCoder(pairs);
  return {
    title: 'map of KV of string and integer',
    stage: stepStage(pipeline, 'step', pairs, pairs),
    elements: 1_000_000,
    message: (number) => pairsOf(number, 100_000),
    digest: numberOf,
    expected: (_, elements) => total(elements, (pair) => numberOf(pair) + 1),
  };
}

/** How often each key has come, so far: one read and one write of state for each key of a bundle. */
function stateful(): Shape {
  const pipeline = new Pipeline();
  one<KV<string, number>>(pipeline, ['', 0], pairs)
    .parDo('step', {
      state: { count: state.value(coders.safeInt) },
      process([key]: KV<string, number>, { state: { count } }): KV<string, number>[] {
        const next = (count.read() ?? 0) + 1;
        count.write(next);
        return [[key, next]];
      },
    })
    .withCoder(pairs);
  return {
    title: 'stateful, 10 elements for each of 10,000 keys',
    stage: stepStage(pipeline, 'step', pairs, pairs),
    elements: 100_000,
    message: (number) => pairsOf(number, 10_000),
    digest: numberOf,
    expected(bundle, elements) {
      const counts = new Map<string, number>();
      for (const element of elements) {
        const [key] = element as KV<string, number>;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      return total(counts.values(), (value) => {
        const count = value as number;
        const before = bundle * count;
        return before * count + (count * (count + 1)) / 2;
      });
    },
  };
}

/** The first half of a combine, which a runner puts before the shuffle. */
function combine(): Shape {
  const pipeline = new Pipeline();
  one<KV<string, number>>(pipeline, ['', 0], pairs).combinePerKey(sum());
  return {
    title: 'sums per key before the shuffle, 20,000 keys',
    stage: combineStage(pipeline, TransformUrn.COMBINE_PER_KEY_PRECOMBINE, pairs, pairs),
    elements: 1_000_000,
    message: (number) => pairsOf(number, 20_000),
    digest: numberOf,
    expected: (_, elements) => total(elements, numberOf),
  };
}

function one<T>(pipeline: Pipeline, element: T, coder: Coder<T>): PCollection<T> {
  return pipeline.create([element], coder);
}

/** Neighbours have different keys; a key comes as often as the others. */
function pairsOf(message: number, keys: number): KV<string, number>[] {
  return Array.from({ length: MESSAGE_ELEMENTS }, (_, i) => {
    const number = message * MESSAGE_ELEMENTS + i;
    return [`key${String((number * 7919) % keys).padStart(7, '0')}`, number % 1000];
  });
}

function numberOf(pair: unknown): number {
  return (pair as KV<string, number>)[1];
}

function total(elements: Iterable<unknown>, of: (element: unknown) => number): number {
  let sum = 0;
  for (const element of elements) sum += of(element);
  return sum;
}
