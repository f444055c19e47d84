import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AccumulationMode, ClosingBehavior, OnTimeBehavior } from '../../model/pipeline.ts';
import { describeGraph } from '../graph/fingerprint.ts';
import { printJson } from '../graph/print-json.ts';
import { printText } from '../graph/print-text.ts';
import { graphToProto } from '../graph/to-proto.ts';
import { Pipeline } from '../pipeline/pipeline.ts';
import type { KV } from '../values.ts';
import { fixed } from '../windows/fixed-windows.ts';
import type { WindowOptions } from '../windows/window-into.ts';
import { triggerFromProto } from './trigger-proto.ts';
import { afterCount, afterWatermark, repeatedly } from './triggers.ts';

const trigger = afterWatermark({ early: afterCount(7), late: afterCount(1) });
const base: WindowOptions = { trigger, allowedLateness: '1m', accumulation: 'accumulating' };

function graph(options: WindowOptions) {
  const p = new Pipeline();
  p.create<KV<string, number>>([['a', 1]])
    .window(fixed('1h'), options)
    .groupByKey();
  return p.graph;
}

test('the proto of a windowing holds the trigger and when empty panes fire', () => {
  const windowing = (options: WindowOptions, collection: string) => {
    const { pcollections, windowingStrategies } = graphToProto(graph(options)).components ?? assert.fail();
    return windowingStrategies[pcollections[collection].windowingStrategyId];
  };
  const before = windowing({ ...base, closing: 'fireAlways', onTime: 'fireIfNonEmpty' }, 'Window.main');
  assert.deepEqual(triggerFromProto(before.trigger ?? assert.fail()), trigger);
  assert.partialDeepStrictEqual(before, {
    closingBehavior: ClosingBehavior.EMIT_ALWAYS,
    onTimeBehavior: OnTimeBehavior.FIRE_IF_NONEMPTY,
    accumulationMode: AccumulationMode.ACCUMULATING,
  });
  const after = windowing(base, 'GroupByKey.main');
  assert.deepEqual(
    triggerFromProto(after.trigger ?? assert.fail()),
    afterWatermark({ early: afterCount(1), late: afterCount(1) }),
  );
  assert.partialDeepStrictEqual(after, {
    closingBehavior: ClosingBehavior.EMIT_IF_NONEMPTY,
    onTimeBehavior: OnTimeBehavior.FIRE_ALWAYS,
  });
});

test('graphs show the trigger', () => {
  const text = printText(graph({ ...base, closing: 'fireAlways' }), 'sample');
  assert.match(
    text,
    /in fixed\(1h\), accumulating, lateness 1m, afterWatermark\(\{ early: afterCount\(7\), late: afterCount\(1\) \}\), last pane always\n/,
  );
  const { windowing } = JSON.parse(printJson(graph(base), 'sample')).collections.at(-2);
  assert.deepEqual(
    [windowing.trigger, windowing.closing, windowing.onTime],
    [JSON.parse(JSON.stringify(trigger)), 'fireIfNonEmpty', 'fireAlways'],
  );
});

test('pipelines that differ in a trigger, or in when empty panes fire, are told apart', () => {
  const lines = (options: WindowOptions) => describeGraph(graph({ ...base, ...options })).join('\n');
  const all = [
    lines({}),
    lines({ trigger: repeatedly(afterCount(7)) }),
    lines({ closing: 'fireAlways' }),
    lines({ onTime: 'fireIfNonEmpty' }),
  ];
  assert.equal(new Set(all).size, all.length);
  assert.equal(lines({}), lines({}));
});
