import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findMetrics } from '../../sdk/metrics/find-metrics.ts';
import type {
  JobProgress,
  PipelineMetrics,
  PipelineResult,
  StageProgress,
} from '../../sdk/pipeline/pipeline-result.ts';
import type { Output } from '../terminal.ts';
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

  it('has a watermark column where stages have one', () => {
    const running = stage('Read', { state: 'running', watermark: Date.UTC(2024, 4, 1, 12) });
    const [, line] = liveView('s', at(1, running, stage('Rest')), pace, 20, 100);
    assert.match(line, /2024-05-01T12:00:00 {2}Read$/);
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
      'job: started',
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
});
