import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { globalWindowCoder } from '../../../sdk/coders/window-coders.ts';
import { WindowedValueCoder } from '../../../sdk/coders/windowed-value-coder.ts';
import { coders } from '../../../sdk/index.ts';
import { NO_FIRING } from '../../../sdk/windows/pane-info.ts';
import { MIN_TIMESTAMP } from '../../../sdk/windows/timestamp.ts';
import { GLOBAL_WINDOW } from '../../../sdk/windows/window.ts';
import { ElementSamples } from './element-samples.ts';
import { PortSink } from './port-sink.ts';

/** Messages of a bundle that a runner in Java takes before it must have the bundle's answer. */
const TAKEN_BY_JAVA = 100;

test('a large bundle is few messages, and the first comes early', () => {
  const coder = new WindowedValueCoder(coders.bytes as Coder<unknown>, globalWindowCoder);
  const sent: number[] = [];
  const sink = new PortSink(coder, new ElementSamples(Date.now), ({ length }) => void sent.push(length));
  const element = new Uint8Array(256 * 1024);
  for (let i = 0; i < 1024; i++) sink.write(element, MIN_TIMESTAMP, GLOBAL_WINDOW, NO_FIRING);
  sink.flush();
  assert.ok(sent.length < TAKEN_BY_JAVA, `${sent.length} messages for 256 MiB`);
  assert.ok(sent[0] < 2 * element.length);
  assert.ok(Math.max(...sent) < 17 * 1024 * 1024);

  sink.clear();
  sent.length = 0;
  sink.write(element, MIN_TIMESTAMP, GLOBAL_WINDOW, NO_FIRING);
  assert.equal(sent.length, 1);
});
