import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  AccumulationMode,
  ClosingBehavior,
  CombinePayload,
  IsBounded,
  MergeStatus,
  OnTimeBehavior,
  OutputTime,
  ParDoPayload,
  Pipeline as PipelineProto,
  WindowIntoPayload,
} from '../../model/pipeline.ts';
import { coders } from '../coders/index.ts';
import { Pipeline } from '../pipeline/pipeline.ts';
import { state } from '../state/state.ts';
import { timer } from '../state/timer.ts';
import type { DoFn, ProcessContext } from '../transforms/do-fn.ts';
import { flatten } from '../transforms/flatten.ts';
import { OffsetRangeTracker, offsetRangeCoder } from '../transforms/offset-range-tracker.ts';
import { reshuffle } from '../transforms/reshuffle.ts';
import type { OffsetRange } from '../transforms/restriction.ts';
import { asIterable, asList, asMap, asMultimap, asSingleton } from '../transforms/side-input.ts';
import { splittableParDo } from '../transforms/splittable-par-do.ts';
import type { KV } from '../values.ts';
import { fixed } from '../windows/fixed-windows.ts';
import { sessions } from '../windows/session-windows.ts';
import { sliding } from '../windows/sliding-windows.ts';
import { graphToProto } from './to-proto.ts';

const sum = {
  name: 'Sum',
  create: () => 0,
  add: (a: number, b: number) => a + b,
  merge: (parts: Iterable<number>) => [...parts].reduce((a, b) => a + b, 0),
  extract: (a: number) => a,
  coder: coders.safeInt,
};

function translate(build: (p: Pipeline) => void) {
  const p = new Pipeline();
  build(p);
  // Through the wire and back, so that what is tested is what a runner reads.
  const proto = PipelineProto.decode(PipelineProto.encode(graphToProto(p.graph)));
  assert.ok(proto.components);
  const { transforms, pcollections, coders: coderTable, windowingStrategies, environments } = proto.components;
  const coderText = (id: string): string => {
    const { spec, componentCoderIds } = coderTable[id];
    const inner = componentCoderIds.map(coderText).join(',');
    return `${spec?.urn.split(':').at(-2)}${inner === '' ? '' : `<${inner}>`}`;
  };
  return {
    proto,
    transforms,
    pcollections,
    environments,
    windowingStrategies,
    coderTable,
    coderText,
    coderOf: (collection: string) => coderText(pcollections[collection].coderId),
    windowingOf: (collection: string) => windowingStrategies[pcollections[collection].windowingStrategyId],
    parDo: (name: string) => ParDoPayload.decode(transforms[name].spec?.payload ?? new Uint8Array()),
  };
}

const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();

function everything(p: Pipeline): void {
  const words = p.create(['a'], coders.string);
  const more = p.create(['b']);
  const all = flatten([words, more]).apply(reshuffle());
  const pairs = all.map('pairs', (word): KV<string, number> => [word, 1]);
  const total = all.map('one', () => 1).combine(sum);
  pairs.window(sliding({ size: '1m', every: '30s' })).combinePerKey(sum, { name: 'perKey' });
  pairs.window(sessions({ gap: '10m' }), { timestampCombiner: 'earliest', accumulation: 'accumulating' }).groupByKey();
  all
    .apply(
      splittableParDo('read', {
        restriction: {
          coder: offsetRangeCoder,
          initial: (): OffsetRange => ({ start: 0, end: 3 }),
          tracker: (range: OffsetRange) => new OffsetRangeTracker(range),
        },
        process: () => [[1]],
      }),
    )
    .parDo('sides', {
      sides: {
        one: asSingleton(total),
        list: asList(words),
        any: asIterable(words),
        map: asMap(pairs),
        many: asMultimap(pairs),
      },
      outputs: { odd: coders.safeInt },
      process: (n) => [n],
    });
}

describe('the pipeline proto', () => {
  it('refers only to what it holds', () => {
    const { proto, transforms, pcollections, coderTable, windowingStrategies, environments } = translate(everything);
    const parents = new Map<string, string>();
    for (const [id, transform] of Object.entries(transforms)) {
      assert.equal(transform.uniqueName, id);
      for (const collection of [...Object.values(transform.inputs), ...Object.values(transform.outputs)]) {
        assert.ok(collection in pcollections, `${id}: ${collection}`);
      }
      for (const child of transform.subtransforms) {
        assert.ok(child in transforms, child);
        assert.ok(!parents.has(child), child);
        parents.set(child, id);
      }
      if (transform.environmentId !== '') assert.ok(transform.environmentId in environments);
    }
    for (const root of proto.rootTransformIds) assert.ok(root in transforms && !parents.has(root));
    assert.equal(parents.size + proto.rootTransformIds.length, Object.keys(transforms).length);
    for (const { coderId, windowingStrategyId } of Object.values(pcollections)) {
      assert.ok(coderId in coderTable);
      assert.ok(windowingStrategyId in windowingStrategies);
    }
    for (const { componentCoderIds } of Object.values(coderTable)) {
      for (const id of componentCoderIds) assert.ok(id in coderTable);
    }
    for (const { windowCoderId } of Object.values(windowingStrategies)) assert.ok(windowCoderId in coderTable);
  });

  it('has every collection produced once, by a primitive', () => {
    const { transforms, pcollections } = translate(everything);
    const produced = Object.values(transforms)
      .filter(({ subtransforms }) => subtransforms.length === 0)
      .flatMap(({ outputs }) => Object.values(outputs));
    assert.deepEqual([...produced].sort(), Object.keys(pcollections).sort());
  });

  it('names functions by their transforms', () => {
    const { parDo, transforms, proto } = translate(everything);
    assert.equal(parDo('sides').doFn?.urn, 'millrace:dofn:js:v1');
    assert.equal(text(parDo('sides').doFn?.payload), 'sides');
    assert.equal(transforms.sides.environmentId, 'js');
    assert.equal(transforms['Create/Impulse'].environmentId, '');
    assert.equal(transforms['Create/Impulse'].spec?.urn, 'beam:transform:impulse:v1');
    assert.deepEqual(proto.rootTransformIds.slice(0, 4), ['Create', 'Create#2', 'Flatten', 'Reshuffle']);
  });

  it('has every side input read as an iterable', () => {
    const { parDo, transforms } = translate(everything);
    const sides = parDo('sides').sideInputs;
    const patterns = Object.fromEntries(
      Object.entries(sides).map(([local, { accessPattern, viewFn }]) => [
        local,
        `${accessPattern?.urn} ${text(viewFn?.payload)}`,
      ]),
    );
    assert.deepEqual(patterns, {
      one: 'beam:side_input:iterable:v1 singleton',
      list: 'beam:side_input:iterable:v1 list',
      any: 'beam:side_input:iterable:v1 iterable',
      map: 'beam:side_input:iterable:v1 map',
      many: 'beam:side_input:iterable:v1 multimap',
    });
    assert.equal(sides.map.windowMappingFn?.urn, 'millrace:window_mapping_fn:js:v1');
    for (const local of Object.keys(sides)) assert.ok(local in transforms.sides.inputs);
  });

  it('has side inputs and additional outputs of splittable DoFns', () => {
    const { transforms, coderTable, parDo } = translate((p) => {
      p.create([3]).apply(
        splittableParDo('read', {
          restriction: {
            coder: offsetRangeCoder,
            initial: (end: number): OffsetRange => ({ start: 0, end }),
            tracker: (range: OffsetRange) => new OffsetRangeTracker(range),
          },
          sides: { names: asMap(p.create<KV<string, number>>([['a', 1]])) },
          outputs: { odd: coders.safeInt },
          process: () => [[1]],
        }),
      );
    });
    const { sideInputs, restrictionCoderId } = parDo('read');
    // With how far the watermark has come.
    const [restriction] = coderTable[restrictionCoderId].componentCoderIds;
    assert.equal(coderTable[restriction].spec?.urn, offsetRangeCoder.urn);
    assert.equal(sideInputs.names.accessPattern?.urn, 'beam:side_input:iterable:v1');
    assert.deepEqual(Object.keys(transforms.read.inputs), ['input', 'names']);
    assert.deepEqual({ ...transforms.read.outputs }, { main: 'read.main', odd: 'read.odd' });
  });

  it('has state, timers and side inputs beside the restriction of a stateful splittable DoFn', () => {
    const { proto, parDo } = translate((p) => {
      p.create<KV<string, number>>([['a', 3]]).apply(
        splittableParDo('read', {
          restriction: {
            coder: offsetRangeCoder,
            initial: ([, end]: KV<string, number>): OffsetRange => ({ start: 0, end }),
            tracker: (range: OffsetRange) => new OffsetRangeTracker(range),
          },
          sides: { more: asList(p.create([1])) },
          state: { seen: state.bag<string>() },
          timers: { end: timer.eventTime() },
          process: (): number[][] => [[1]],
          onTimer: { end: () => [2] },
        }),
      );
    });
    const { restrictionCoderId, stateSpecs, timerFamilySpecs, sideInputs } = parDo('read');
    assert.notEqual(restrictionCoderId, '');
    assert.deepEqual([stateSpecs, timerFamilySpecs, sideInputs].map(Object.keys), [['seen'], ['end'], ['more']]);
    for (const requirement of ['splittable_dofn', 'stateful']) {
      assert.ok(proto.requirements.includes(`beam:requirement:pardo:${requirement}:v1`));
    }
  });

  it('asks for splittable DoFns only where there are some', () => {
    const { proto, parDo, coderText } = translate(everything);
    assert.deepEqual(proto.requirements, ['beam:requirement:pardo:splittable_dofn:v1']);
    assert.notEqual(parDo('read').restrictionCoderId, '');
    assert.equal(typeof coderText(parDo('read').restrictionCoderId), 'string');
    assert.equal(parDo('sides').restrictionCoderId, '');
    const plain = translate((p) => p.create([1]).map('plus', (n) => n + 1));
    assert.deepEqual(plain.proto.requirements, []);
  });

  it('asks for finalization where a function asks to be told of the commit, or says so', () => {
    const asks = (fn: object): boolean =>
      translate((p) => p.create([1]).parDo('tell', fn as DoFn<number, number>)).parDo('tell').requestsFinalization;
    class Tells {
      process(_: number, context: ProcessContext) {
        context.afterBundleCommit(() => {});
      }
    }
    assert.equal(asks({ process: (_: number, c: ProcessContext) => c.afterBundleCommit(() => {}) }), true);
    assert.equal(asks(new Tells()), true);
    assert.equal(asks({ requestsFinalization: true, process: () => [] }), true);
    assert.equal(asks({ process: (n: number) => [n] }), false);
    const { requirements } = translate((p) => p.create([1]).parDo('tell', new Tells())).proto;
    assert.deepEqual(requirements, ['beam:requirement:pardo:finalization:v1']);
  });

  it('has combines as composites with an executable inside', () => {
    const { transforms, coderText, pcollections, parDo } = translate(everything);
    const { spec, subtransforms, environmentId } = transforms.perKey;
    assert.equal(spec?.urn, 'beam:transform:combine_per_key:v1');
    assert.equal(environmentId, 'js');
    assert.deepEqual(subtransforms, ['perKey/GroupByKey', 'perKey/CombineGroupedValues']);
    assert.equal(transforms['perKey/GroupByKey'].spec?.urn, 'beam:transform:group_by_key:v1');
    assert.equal(transforms['perKey/CombineGroupedValues'].spec?.urn, 'beam:transform:combine_grouped_values:v1');
    // Java's runners take only a ParDo for a primitive here.
    const [inner] = transforms['perKey/CombineGroupedValues'].subtransforms;
    assert.equal(parDo(inner).doFn?.urn, 'millrace:dofn:combine_grouped_values:v1');
    assert.deepEqual(transforms[inner].outputs, transforms['perKey/CombineGroupedValues'].outputs);
    const payload = CombinePayload.decode(spec?.payload ?? new Uint8Array());
    assert.equal(coderText(payload.accumulatorCoderId), 'varint');
    assert.equal(text(payload.combineFn?.payload), 'perKey');
    assert.deepEqual(
      Object.values(transforms.perKey.outputs),
      Object.values(transforms['perKey/CombineGroupedValues'].outputs),
    );
    assert.equal(coderText(pcollections['perKey/GroupByKey.main'].coderId), 'kv<key,iterable<self_contained_value>>');
  });

  it('spells reshuffle out, keeping windows and timestamps inside the grouped value', () => {
    const { transforms, coderOf, windowingOf, parDo } = translate((p) => {
      p.create(['a'], coders.string).window(fixed('1m')).apply(reshuffle());
    });
    assert.equal(transforms.Reshuffle.spec?.urn, 'beam:transform:reshuffle:v1');
    assert.deepEqual(
      transforms.Reshuffle.subtransforms.map((id) => transforms[id].spec?.urn),
      ['pardo', 'window_into', 'group_by_key', 'pardo'].map((kind) => `beam:transform:${kind}:v1`),
    );
    assert.equal(coderOf('Reshuffle/Pair.main'), 'kv<varint,windowed_value<string_utf8,interval_window>>');
    assert.equal(
      coderOf('Reshuffle/GroupByKey.main'),
      'kv<varint,iterable<windowed_value<string_utf8,interval_window>>>',
    );
    assert.equal(windowingOf('Reshuffle/GroupByKey.main').windowFn?.urn, 'beam:window_fn:global_windows:v1');
    assert.deepEqual(windowingOf('Reshuffle.main'), windowingOf('Window.main'));
    assert.equal(coderOf('Reshuffle.main'), coderOf('Window.main'));
    assert.equal(parDo('Reshuffle/Restore').doFn?.urn, 'millrace:dofn:reshuffle_restore:v1');
  });

  it('encodes anew what a reshuffle takes in another coder: a runner may leave the reshuffle out', () => {
    const { transforms, pcollections } = translate((p) => {
      p.create<KV<string, number>>([['a', 1]])
        .apply(reshuffle())
        .groupByKey();
    });
    assert.deepEqual(transforms.Reshuffle.subtransforms, ['Reshuffle/Recode', 'Reshuffle/Reshuffle']);
    const { spec, inputs, outputs, subtransforms } = transforms['Reshuffle/Reshuffle'];
    assert.equal(spec?.urn, 'beam:transform:reshuffle:v1');
    assert.equal(subtransforms.length, 4);
    assert.equal(pcollections[inputs.input].coderId, pcollections[outputs.main].coderId);
    assert.deepEqual({ ...transforms.Reshuffle.outputs }, { ...outputs });
  });

  it('encodes anew what a flatten takes in another coder', () => {
    const { transforms, pcollections } = translate(everything);
    const { subtransforms, spec } = transforms.Flatten;
    assert.deepEqual(subtransforms, ['Flatten/Recode input0', 'Flatten/Flatten']);
    assert.equal(spec, undefined);
    const inner = transforms['Flatten/Flatten'];
    assert.equal(inner.spec?.urn, 'beam:transform:flatten:v1');
    const output = pcollections[inner.outputs.main].coderId;
    for (const input of Object.values(inner.inputs)) assert.equal(pcollections[input].coderId, output);
    const same = translate((p) => void flatten([p.create([1]), p.create([2])]));
    assert.deepEqual(same.transforms.Flatten.subtransforms, []);
    assert.equal(same.transforms.Flatten.spec?.urn, 'beam:transform:flatten:v1');
  });

  it('never uses the coder that needs this process', () => {
    const { coderTable } = translate(everything);
    for (const { spec } of Object.values(coderTable)) assert.notEqual(spec?.urn, 'millrace:coder:value:v1');
  });

  it('shares equal coders and windowings', () => {
    const { coderTable, windowingStrategies } = translate(everything);
    for (const table of [coderTable, windowingStrategies]) {
      const contents = Object.values(table).map((entry) =>
        JSON.stringify(entry, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
      );
      assert.equal(new Set(contents).size, contents.length);
    }
  });

  it('sets every enum of a windowing', () => {
    const { windowingOf, coderText, transforms, pcollections } = translate((p) => {
      const pairs = p.create([['a', 1] as KV<string, number>]);
      pairs
        .window(sessions({ gap: '10m' }), {
          timestampCombiner: 'earliest',
          accumulation: 'accumulating',
          allowedLateness: '2h',
        })
        .groupByKey();
      pairs.window(sliding({ size: '1m', every: '30s' }), { timestampCombiner: 'latest' });
    });
    const before = windowingOf('Window.main');
    assert.partialDeepStrictEqual(before, {
      mergeStatus: MergeStatus.NEEDS_MERGE,
      outputTime: OutputTime.EARLIEST_IN_PANE,
      accumulationMode: AccumulationMode.ACCUMULATING,
      closingBehavior: ClosingBehavior.EMIT_IF_NONEMPTY,
      onTimeBehavior: OnTimeBehavior.FIRE_ALWAYS,
      allowedLateness: 7_200_000n,
      assignsToOneWindow: true,
    });
    assert.equal(windowingOf('GroupByKey.main').mergeStatus, MergeStatus.ALREADY_MERGED);
    assert.ok(before.trigger?.default !== undefined);
    assert.equal(coderText(before.windowCoderId), 'interval_window');
    assert.partialDeepStrictEqual(windowingOf('Window#2.main'), {
      mergeStatus: MergeStatus.NON_MERGING,
      assignsToOneWindow: false,
      outputTime: OutputTime.LATEST_IN_PANE,
    });
    assert.equal(windowingOf('Create/Impulse.main').outputTime, OutputTime.END_OF_WINDOW);
    assert.equal(pcollections['Window.main'].isBounded, IsBounded.BOUNDED);
    const payload = WindowIntoPayload.decode(transforms.Window.spec?.payload ?? new Uint8Array());
    assert.deepEqual(payload.windowFn, before.windowFn);
  });
});
