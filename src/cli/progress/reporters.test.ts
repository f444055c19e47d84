import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findMetrics } from '../../sdk/metrics/find-metrics.ts';
import type {
  JobProgress,
  PipelineMetrics,
  PipelineResult,
  StageProgress,
} from '../../sdk/pipeline/pipeline-result.ts';
import { MAX_TIMESTAMP, MIN_TIMESTAMP } from '../../sdk/windows/timestamp.ts';
import type { Output } from '../terminal.ts';
import { jsonReporter } from './json-reporter.ts';
import { liveReporter } from './live-reporter.ts';
import { liveView } from './live-view.ts';
import { plainReporter } from './plain-reporter.ts';
import { ProgressMeter } from './progress-meter.ts';

function stage(name: string, partial: Partial<StageProgress> = {}): StageProgress {
  return { name, state: 'waiting', fraction: 0, elements: 0, bytes: 0, bundlesDone: 0, bundlesTotal: 0, ...partial };
}

function at(elapsedMillis: number, ...stages: StageProgress[]): JobProgress {
  return { state: 'RUNNING', elapsedMillis, stages };
}

const user: PipelineMetrics['user'] = [
  { transform: 'Parse', name: 'lines', kind: 'counter', value: 7 },
  { transform: 'Parse', name: 'sizes', kind: 'distribution', value: { count: 2, sum: 3, min: 1, max: 2 } },
];
const result: PipelineResult = {
  state: 'DONE',
  elements: () => [],
  millis: 2500,
  metrics: {
    user,
    transforms: [
      { transform: 'Parse', elementsIn: 7, elementsOut: { main: 5, errors: 2 }, bytesOut: 2048, millis: 12 },
    ],
    ...findMetrics(user),
  },
};

/** A pipeline that runs in steps. */
function stream(elapsedMillis: number): JobProgress {
  const [first, last] = [MIN_TIMESTAMP, MAX_TIMESTAMP];
  const read = { watermark: Date.UTC(2024, 4, 1, 12), lagMillis: 2500, elements: 123_456, elementsPerSecond: 1200 };
  return {
    ...at(
      elapsedMillis,
      stage('Impulse', { state: 'done', fraction: 1, elements: 1, watermark: last, backlog: 0 }),
      stage('Read', { state: 'running', ...read, backlog: 3, waitsFor: 'the call of Read to give something' }),
      stage('Sum', { state: 'running', watermark: first, elementsPerSecond: 0, keys: 12_345 }),
    ),
    checkpoint: { at: Date.UTC(2024, 4, 1, 12, 1), millis: 12, stateBytes: 2048 },
  };
}

/** A terminal, as far as the sequences of the live reporter go. */
class Screen implements Output {
  readonly isTTY = true;
  readonly columns = 60;
  readonly rows = 24;
  #lines: string[] = [''];
  #row = 0;
  #column = 0;

  write(text: string | Uint8Array): boolean {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is tested
    for (const [token] of String(text).matchAll(/\u001b\[\d*[A-Z]|\n|\r|[^\u001b\n\r]+/g)) {
      if (token === '\n') {
        this.#row++;
        this.#column = 0;
        this.#lines[this.#row] ??= '';
      } else if (token === '\r') this.#column = 0;
      else if (token.endsWith('A') && token.startsWith('\u001b')) this.#row -= Number(token.slice(2, -1));
      else if (token === '\u001b[2K') this.#lines[this.#row] = '';
      else if (token === '\u001b[J') {
        this.#lines[this.#row] = this.#lines[this.#row].slice(0, this.#column);
        this.#lines.length = this.#row + 1;
      } else {
        const line = this.#lines[this.#row].padEnd(this.#column);
        this.#lines[this.#row] = line.slice(0, this.#column) + token + line.slice(this.#column + token.length);
        this.#column += token.length;
        assert.ok(this.#column <= this.columns, `a line of ${this.#column} characters wraps`);
      }
    }
    return true;
  }

  get text(): string {
    return this.#lines.join('\n').trimEnd();
  }
}

describe('the meter', () => {
  it('measures over the last five seconds', () => {
    const meter = new ProgressMeter();
    assert.equal(meter.update(at(0, stage('a'))).elementsPerSecond, 0);
    assert.equal(meter.update(at(1000, stage('a', { elements: 1000, bytes: 10 }))).elementsPerSecond, 1000);
    let pace = meter.update(at(2000, stage('a', { elements: 1000 })));
    for (let second = 3; second <= 10; second++) {
      pace = meter.update(at(second * 1000, stage('a', { elements: 1000 + (second - 2) * 50 })));
    }
    assert.equal(pace.elementsPerSecond, 50);
  });

  it('estimates the rest from what is done', () => {
    const meter = new ProgressMeter();
    const a = stage('a', { state: 'running', fraction: 0.25 });
    assert.equal(meter.update(at(500, a, stage('b'))).etaMillis, undefined, 'too early');
    const first = meter.update(at(2000, a, stage('b')));
    assert.equal(first.fraction, 0.125, 'a stage of which nothing is known is like the others');
    assert.equal(first.etaMillis, 6000 + 8000);
    const second = meter.update(at(8000, { ...a, state: 'done' }, stage('b')));
    assert.deepEqual([second.fraction, second.etaMillis], [0.5, 8000]);
    assert.equal(meter.update(at(9000)).etaMillis, undefined, 'no stages known');
  });

  it('weighs stages by their work', () => {
    const meter = new ProgressMeter();
    const read = stage('read', { state: 'running', fraction: 0.5, work: 1000 });
    // A tenth of what is read goes on to the second stage, and nearly nothing to the third.
    const before = meter.update(at(5000, read, stage('merge', { work: 100 }), stage('end', { work: 1 })));
    assert.equal(before.etaMillis, 5000 + 1000 + 10);
    assert.ok(Math.abs(before.fraction - 5000 / 11_010) < 1e-9);
    const done = stage('read', { state: 'done', fraction: 1, work: 1000 });
    // The second turns out to be slow.
    const merge = stage('merge', { state: 'running', fraction: 0.25, work: 100 });
    const later = meter.update(at(10_000, done, { ...merge, fraction: 0 }, stage('end', { work: 1 })));
    assert.ok(later.fraction >= before.fraction);
    const slow = meter.update(at(20_000, done, merge, stage('end', { work: 1 })));
    assert.ok((slow.etaMillis ?? 0) > 30_000, String(slow.etaMillis));
    assert.equal(slow.fraction, later.fraction, 'it never goes back');
  });

  it('gives no time for what has no end', () => {
    const meter = new ProgressMeter();
    const endless = stage('read', { state: 'running', watermark: 0 });
    assert.equal(meter.update(at(60_000, stage('a', { state: 'done' }), endless)).etaMillis, undefined);
  });
});

describe('the live view', () => {
  const pace = { elementsPerSecond: 1.2e6, bytesPerSecond: 84 * 1024 ** 2, fraction: 0.67, etaMillis: 31_000 };

  it('has a headline and a line per stage', () => {
    const stages = [
      stage('Read + words', {
        state: 'done',
        fraction: 1,
        elements: 25e6,
        bytes: 140 * 1024 ** 2,
        bundlesDone: 16,
        bundlesTotal: 16,
      }),
      stage('Count + Write', { state: 'running', fraction: 0.34, elements: 1.2e6, bundlesDone: 5, bundlesTotal: 16 }),
      stage('Finalize'),
    ];
    assert.deepEqual(liveView('wordcount', at(62_000, ...stages), pace, 20, 100), [
      'wordcount  1:02  67 %  1.20 M elements/s  84.0 MiB/s  ETA 0:31',
      '✓ 1 ████████████ 100 %  25.0 M  140 MiB  16/16  Read + words',
      '▸ 2 ████▏░░░░░░░  34 %  1.20 M            5/16  Count + Write',
      '· 3 ░░░░░░░░░░░░   0 %       0                  Finalize',
    ]);
  });

  it('shows watermark, lag, rate and backlog of a stream, and its last checkpoint', () => {
    const lines = liveView('s', stream(62_000), { ...pace, elementsPerSecond: 1200 }, 20, 120);
    assert.match(lines[0], /^s {2}1:02 {2}1\.20 k elements\/s {2}checkpoint .+ ago in 12 ms, 2\.00 KiB$/);
    assert.deepEqual(lines.slice(1), [
      '✓ 1                  end                 1                                    Impulse',
      '▸ 2 2024-05-01T12:00:00Z  lag 2.5 s  123 k  1.20 k/s  backlog 3               Read',
      '▸ 3                    -                 0       0/s             12.3 k keys  Sum',
    ]);
  });

  it('says what the job waits for', () => {
    const [head] = liveView('s', { ...stream(1), waitsFor: 'the sources' }, pace, 20, 200);
    assert.match(head, /KiB {2}waits for the sources$/);
  });

  it('shows running stages first where not all have room, and cuts lines', () => {
    const stages = Array.from({ length: 30 }, (_, i) =>
      stage(`stage ${i}`, { state: i < 10 ? 'done' : i === 10 ? 'running' : 'waiting' }),
    );
    const lines = liveView('many', at(1, ...stages), pace, 8, 40);
    assert.equal(lines.length, 7);
    assert.match(lines[1], /▸ 11 .*stage 10/);
    assert.equal(lines.at(-1), '  … 25 more stages');
    for (const line of lines) assert.ok(line.length <= 40);
  });
});

describe('the live reporter', () => {
  it('redraws in place and leaves the summary', () => {
    const screen = new Screen();
    screen.write('$ millrace run\n');
    const reporter = liveReporter(screen, [], false);
    reporter.started('job');
    reporter.progress(at(100, stage('first', { state: 'running' }), stage('second')));
    reporter.progress(at(350, stage('first', { state: 'done', elements: 5 }), stage('second', { state: 'running' })));
    assert.equal(screen.text.split('\n').length, 4);
    assert.match(screen.text, /^\$ millrace run\njob {2}0:00 {2}50 %/);
    reporter.progress(at(600, stage('only', { state: 'running' })));
    assert.equal(screen.text.split('\n').length, 3, 'a smaller picture leaves nothing of the larger one');
    reporter.finished(result);
    assert.match(screen.text, /^\$ millrace run\njob: DONE in 2\.5 s\n {2}lines +7 +Parse\n/);
    assert.doesNotMatch(screen.text, /only|second/);
  });

  it('makes way for the program’s own output, also on the other stream', () => {
    const screen = new Screen();
    const stdout: Output = { write: (text) => screen.write(text) };
    const reporter = liveReporter(screen, [stdout], false);
    reporter.started('job');
    reporter.progress(at(100, stage('first', { state: 'running' })));
    stdout.write('hello\n');
    assert.equal(screen.text, 'hello');
    reporter.progress(at(350, stage('first', { state: 'running' })));
    screen.write('again\n');
    reporter.note('Cancelling');
    reporter.progress(at(600, stage('first', { state: 'running' })));
    reporter.stopped();
    assert.equal(screen.text, 'hello\nagain\nCancelling');
    const { write } = stdout;
    reporter.stopped();
    assert.equal(stdout.write, write, 'nothing is patched any more');
  });

  it('makes way for warnings, which are not written by the streams', () => {
    const listeners = process.listenerCount('warning');
    const screen = new Screen();
    const reporter = liveReporter(screen, [], false);
    reporter.started('job');
    reporter.progress(at(100, stage('first', { state: 'running' })));
    process.emit('warning', Object.assign(new Error('of a test'), { name: 'Warning' }));
    assert.equal(screen.text, '');
    reporter.stopped();
    assert.equal(process.listenerCount('warning'), listeners);
  });
});

describe('the plain reporter', () => {
  it('prints a line when a stage ends and every ten seconds', () => {
    let text = '';
    const reporter = plainReporter((line) => {
      text += line;
    }, true);
    reporter.started('job');
    reporter.progress(at(250, stage('first', { state: 'running' }), stage('second')));
    reporter.progress(at(500, stage('first', { state: 'done', elements: 5, bytes: 2048 }), stage('second')));
    reporter.progress(at(750, stage('first', { state: 'done' }), stage('second')));
    const half = stage('second', { state: 'running', fraction: 0.5, elements: 500 });
    reporter.progress(at(10_500, stage('first', { state: 'done' }), half));
    reporter.finished(result);
    assert.deepEqual(text.split('\n'), [
      `job: started in process ${process.pid}`,
      'stage 1/2 done after 500 ms: first, 5 elements, 2.00 KiB',
      '51 % after 10.5 s: 51 elements/s, 0 B/s, about 9.8 s left',
      'DONE in 2.5 s',
      '  lines  7                                Parse',
      '  sizes  count 2, min 1, mean 1.5, max 2  Parse',
      '  transform  in  out  bytes     time',
      '  Parse      7   7    2.00 KiB  12 ms',
      '',
    ]);
  });

  it('does not take the work of earlier runs for that of one that had nothing to do', () => {
    const lines: string[] = [];
    const reporter = plainReporter((line) => lines.push(line), false);
    reporter.started('job');
    const resumed = { version: 3, at: Date.UTC(2024, 4, 1, 12, 1), isEnded: true };
    reporter.progress({ ...at(20, stage('first', { state: 'done', elements: 5 })), state: 'DONE', resumed });
    reporter.finished({ ...result, resumed });
    reporter.finished({ ...result, resumed: { ...resumed, isEnded: false } });
    assert.deepEqual(
      lines.map((line) => line.trimEnd()),
      [
        `job: started in process ${process.pid}`,
        'DONE before this run: nothing was left to do after checkpoint 3 of 2024-05-01T12:01:00Z',
        'counted by the earlier runs:',
        '  lines  7                                Parse',
        '  sizes  count 2, min 1, mean 1.5, max 2  Parse',
        'DONE in 2.5 s',
        '  lines  7                                Parse',
        '  sizes  count 2, min 1, mean 1.5, max 2  Parse',
      ],
    );
  });

  it('prints each stage of a stream every ten seconds', () => {
    const lines: string[] = [];
    const reporter = plainReporter((line) => lines.push(line), false);
    reporter.started('job');
    for (const millis of [500, 5000, 10_500, 15_000]) reporter.progress(stream(millis));
    assert.match(lines[2], /^after 10\.5 s: 0 elements\/s, checkpoint .+ ago in 12 ms, 2\.00 KiB\n$/);
    assert.deepEqual(
      [...lines.slice(0, 2), ...lines.slice(3)],
      [
        `job: started in process ${process.pid}\n`,
        'stage 1/3 done after 500 ms: Impulse, 1 element\n',
        '  stage 2/3 Read: watermark 2024-05-01T12:00:00Z, lag 2.5 s, 123 k elements, 1.20 k/s, backlog 3\n',
        '  stage 3/3 Sum: watermark -, 0 elements, 0/s, 12.3 k keys\n',
      ],
    );
  });
});

describe('the JSON reporter', () => {
  it('says in the result with which checkpoint the run has begun', () => {
    const events: { readonly resumed?: unknown }[] = [];
    const reporter = jsonReporter((line) => events.push(JSON.parse(line)));
    const resumed = { version: 3, at: 5, isEnded: true };
    reporter.finished({ ...result, resumed });
    reporter.finished(result);
    assert.deepEqual(
      events.map((event) => event.resumed),
      [resumed, undefined],
    );
  });

  it('gives watermarks as ISO, - or end, and all figures of a stage', () => {
    let text = '';
    jsonReporter((line) => {
      text += line;
    }).progress(stream(100));
    const { stages, checkpoint } = JSON.parse(text);
    assert.deepEqual(
      stages.map(({ watermark }: { watermark: unknown }) => watermark),
      ['end', '2024-05-01T12:00:00.000Z', '-'],
    );
    const { lagMillis, elementsPerSecond, backlog, waitsFor } = stages[1];
    assert.deepEqual([lagMillis, elementsPerSecond, backlog], [2500, 1200, 3]);
    assert.equal(waitsFor, 'the call of Read to give something');
    assert.deepEqual(checkpoint, { at: Date.UTC(2024, 4, 1, 12, 1), millis: 12, stateBytes: 2048 });
  });
});
