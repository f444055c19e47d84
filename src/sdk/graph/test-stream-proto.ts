import type { Init, TestStreamPayloadEvent } from '../../model/pipeline.ts';
import { ByteWriter } from '../coders/byte-writer.ts';
import type { Coder } from '../coders/coder.ts';
import { encodeStandingAlone } from '../coders/default-coder.ts';
import { exactMillis } from '../coders/timestamp-coder.ts';
import type { TestStreamEvent } from '../transforms/test-stream.ts';

/** One event of a test stream as Beam's runners take it. Each element is bytes: its encoding in the outer context. */
export function testStreamEvent(event: TestStreamEvent, coder: Coder<unknown>): Init<TestStreamPayloadEvent> {
  switch (event.kind) {
    case 'watermark':
      return { watermarkEvent: { newWatermark: exactMillis(event.to) } };
    case 'processingTime':
      return { processingTimeEvent: { advanceDuration: BigInt(event.byMillis) } };
    case 'elements': {
      const elements = event.values.map((value, i) => {
        const out = new ByteWriter(64);
        encodeStandingAlone(coder, value, out, false);
        return { encodedElement: out.copy(), timestamp: exactMillis(event.timestamps[i]) };
      });
      return { elementEvent: { elements } };
    }
  }
}
