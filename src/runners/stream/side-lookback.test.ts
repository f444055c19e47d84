import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asList, fixed, type PipelineError, timestamp, timestamped, type WindowFn } from '../../sdk/index.ts';
import { IntervalWindow } from '../../sdk/windows/window.ts';
import { assertThat, TestPipeline, testStream } from '../../testing/index.ts';

const SECOND = 1000;

/** Of each second's main input, the side input of the second before. */
function previous(lookback: Partial<Pick<WindowFn<IntervalWindow>, 'sideInputLookback'>>): WindowFn<IntervalWindow> {
  return {
    ...fixed('1s'),
    urn: 'test:window_fn:previous:v1',
    sideInputWindow({ maxTimestamp }) {
      const end = Math.floor(maxTimestamp / SECOND) * SECOND;
      return new IntervalWindow(timestamp(end - SECOND), timestamp(end));
    },
    ...lookback,
  };
}

/** Reads rates of the second before, while the watermark moves from second to second. */
function readPrevious(windowFn: WindowFn<IntervalWindow>): TestPipeline {
  const p = new TestPipeline();
  const rates = p
    .apply(
      'Rates',
      testStream<number>()
        .addElements(
          timestamped(10, timestamp(100)),
          timestamped(11, timestamp(1100)),
          timestamped(12, timestamp(2100)),
        )
        .advanceWatermarkToInfinity(),
    )
    .window(windowFn);
  let events = testStream<string>();
  for (let second = 0; second < 5; second++) {
    events = events
      .addElements(timestamped(`e${second}`, timestamp(second * SECOND + 500)))
      .advanceWatermarkTo(timestamp((second + 1) * SECOND));
  }
  const out = p
    .apply('Events', events.advanceWatermarkToInfinity())
    .window(fixed('1s'))
    .parDo('Join', {
      sides: { rates: asList(rates) },
      process: (event, { sides }) => [`${event}:${sides.rates.join()}`],
    });
  assertThat(out).containsInAnyOrder(['e0:', 'e1:10', 'e2:11', 'e3:12', 'e4:']);
  return p;
}

test('windows of a side input are kept for as long as its mapping looks back', async () => {
  await readPrevious(previous({ sideInputLookback: SECOND })).run();
});

test('a mapping that looks back further than it says is refused: what it asks for may be forgotten', async () => {
  await assert.rejects(readPrevious(previous({})).run(), ({ code, message }: PipelineError) => {
    assert.equal(code, 'SIDE_INPUT_WINDOW');
    assert.match(message, /ends 1000 ms before that of the main input/);
    return true;
  });
});
