import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MAX_TIMESTAMP, MIN_TIMESTAMP } from '../../sdk/windows/timestamp.ts';
import type { StreamEngine } from '../stream/stream-engine.ts';
import { statusLines } from './status-text.ts';
import { StreamProgress } from './stream-progress.ts';

const noon = Date.UTC(2024, 0, 1, 12);

interface FakeUnit {
  readonly stage: { readonly name: string; readonly root: string };
  outputWatermark: number;
  readonly backlog: number;
  readonly keys: number | undefined;
  waitsFor(): string | undefined;
}

function unit(name: string, waitsFor?: string): FakeUnit {
  return {
    stage: { name, root: name },
    outputWatermark: MIN_TIMESTAMP,
    backlog: 2,
    keys: undefined,
    waitsFor: () => waitsFor,
  };
}

/** As much of an engine as progress looks at. */
function engineOf(...units: FakeUnit[]) {
  const fake = {
    units,
    counts: { elements: new Map<string, number>() },
    hasVirtualTime: false,
    atWork: undefined as FakeUnit | undefined,
  };
  return { fake, engine: fake as unknown as StreamEngine };
}

const never = () => undefined;

describe('progress of a stream', () => {
  it('has rates of the last five seconds', () => {
    const { fake, engine } = engineOf(unit('read'));
    const progress = new StreamProgress(0);
    assert.equal(progress.stages(engine, noon, never)[0].elementsPerSecond, undefined);
    for (const [millis, count] of [
      [0, 0],
      [1000, 5000],
      [6000, 5500],
      [7000, 5600],
    ]) {
      fake.counts.elements.set('read', count);
      progress.look(engine, millis);
    }
    assert.equal(progress.stages(engine, noon, never)[0].elementsPerSecond, 100);
    fake.counts.elements.set('read', 10);
    progress.look(engine, 8000);
    assert.equal(progress.stages(engine, noon, never)[0].elementsPerSecond, 0, 'counts have gone back');
  });

  it('has a lag while the watermark is a date and time is real', () => {
    const read = unit('read');
    const { fake, engine } = engineOf(read);
    const lag = () => new StreamProgress(0).stages(engine, noon, never)[0].lagMillis;
    assert.equal(lag(), undefined);
    read.outputWatermark = noon - 2500;
    assert.equal(lag(), 2500);
    fake.hasVirtualTime = true;
    assert.equal(lag(), undefined);
    fake.hasVirtualTime = false;
    read.outputWatermark = MAX_TIMESTAMP;
    assert.equal(lag(), undefined);
  });

  it('does not ask the stage at work what it keeps', () => {
    const asked = unit('asked');
    const { fake, engine } = engineOf({
      ...asked,
      waitsFor: () => assert.fail('asked in its turn'),
      get keys() {
        return assert.fail('asked in its turn');
      },
    });
    fake.atWork = fake.units[0];
    const [stage] = new StreamProgress(0).stages(engine, noon, () => 'a function of asked');
    assert.equal(stage.waitsFor, 'a function of asked');
  });

  it('finds that nothing has moved for a minute, once until something does', () => {
    const read = unit('read');
    const { fake, engine } = engineOf(read);
    const progress = new StreamProgress(0);
    const stalls = (from: number, to: number) => {
      const found: number[] = [];
      for (let second = from; second <= to; second++) if (progress.look(engine, second * 1000)) found.push(second);
      return found;
    };
    assert.deepEqual(stalls(1, 300), [61]);
    fake.counts.elements.set('read', 1);
    assert.deepEqual(stalls(301, 350), []);
    read.outputWatermark = 5;
    assert.deepEqual(stalls(351, 500), [411]);
  });

  it('is told in a line per stage', () => {
    const read = unit('read', 'the call of read to give something');
    const done = unit('impulse');
    read.outputWatermark = noon;
    done.outputWatermark = MAX_TIMESTAMP;
    const { fake, engine } = engineOf(done, read, unit('count'));
    fake.counts.elements.set('read', 1);
    const stages = new StreamProgress(0).stages(engine, noon + 1500, never);
    const checkpoint = { at: noon, millis: 12, stateBytes: 100 };
    assert.deepEqual(statusLines('job', { state: 'RUNNING', elapsedMillis: 61_000, stages, checkpoint }, noon + 1500), [
      'job: RUNNING for 61.0 s; last checkpoint 1.5 s ago, in 0.0 s',
      '  1 impulse: watermark end, 0 elements',
      '  2 read: watermark 2024-01-01T12:00:00.000Z, lag 1.5 s, 1 element, backlog 2, waits for the call of read to give something',
      '  3 count: watermark -, 0 elements, backlog 2, waits for input',
    ]);
  });
});
