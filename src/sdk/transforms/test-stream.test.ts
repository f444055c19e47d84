import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestStreamPayload } from '../../model/pipeline.ts';
import { decodeFromBytes } from '../coders/coder.ts';
import { selfContainedCoder } from '../coders/default-coder.ts';
import { graphToProto } from '../graph/to-proto.ts';
import { Pipeline } from '../pipeline/pipeline.ts';
import { MAX_TIMESTAMP_EXACT, timestamp } from '../windows/timestamp.ts';
import { testStream } from './test-stream.ts';
import { timestamped } from './timestamped-value.ts';

test('a test stream is unbounded and becomes Beam’s payload, event by event', () => {
  const p = new Pipeline();
  const stream = testStream<string>()
    .addElements(timestamped('a', timestamp(5)))
    .advanceWatermarkTo(timestamp(10))
    .addElements('b')
    .advanceProcessingTime('2s')
    .advanceWatermarkToInfinity();
  const collection = p.apply(stream);
  assert.equal(collection.node.bounded, false);
  const { components } = graphToProto(p.graph);
  // A runner that decodes the elements sees bytes; what they mean is decoded behind the stream.
  const { subtransforms = [] } = components?.transforms.TestStream ?? {};
  const [scripted, decoded] = subtransforms.map((id) => components?.transforms[id]);
  assert.equal(scripted?.spec?.urn, 'beam:transform:teststream:v1');
  assert.equal(decoded?.spec?.urn, 'beam:transform:pardo:v1');
  assert.deepEqual(Object.values(decoded?.inputs ?? {}), Object.values(scripted?.outputs ?? {}));
  const { events, coderId } = TestStreamPayload.decode(scripted?.spec?.payload ?? new Uint8Array());
  assert.equal(components?.coders[coderId].spec?.urn, 'beam:coder:bytes:v1');
  const [{ elementEvent }] = events;
  assert.deepEqual(
    elementEvent?.elements.map(({ encodedElement }) => decodeFromBytes(selfContainedCoder, encodedElement)),
    ['a'],
  );
  assert.deepEqual(
    events.map((event) => [
      event.elementEvent?.elements.map((element) => element.timestamp),
      event.watermarkEvent?.newWatermark,
      event.processingTimeEvent?.advanceDuration,
    ]),
    [
      [[5n], undefined, undefined],
      [undefined, 10n, undefined],
      [[10n], undefined, undefined],
      [undefined, undefined, 2000n],
      [undefined, MAX_TIMESTAMP_EXACT, undefined],
    ],
  );
});

test('the watermark of a test stream only rises', () => {
  const stream = testStream<number>().advanceWatermarkTo(timestamp(10));
  assert.throws(() => stream.advanceWatermarkTo(timestamp(10)), { code: 'TEST_STREAM_INVALID' });
});
