import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { type Fired, GroupingDriver } from '../../../../test/support/grouping-driver.ts';
import type { OnceTrigger, Trigger } from '../../../sdk/triggers/trigger.ts';
import {
  afterAll,
  afterAny,
  afterCount,
  afterEach,
  afterProcessingTime,
  afterWatermark,
  always,
  defaultTrigger,
  orFinally,
  repeatedly,
} from '../../../sdk/triggers/triggers.ts';
import { fixed } from '../../../sdk/windows/fixed-windows.ts';
import { GLOBAL_WINDOWING, globalWindows } from '../../../sdk/windows/global-windows.ts';
import { sessions } from '../../../sdk/windows/session-windows.ts';
import { IntervalWindow, type Window } from '../../../sdk/windows/window.ts';
import type { TimestampCombiner, WindowFn } from '../../../sdk/windows/window-fn.ts';
import type { WindowingStrategy } from '../../../sdk/windows/windowing-strategy.ts';

/**
 * Beam's own examples of what triggers do: https://github.com/apache/beam, sdks/python/apache_beam/testing/data,
 * trigger_transcripts.yaml. Their unit of time is a millisecond here, as it is finest.
 */
const GOLDEN = new URL('../../../../test/golden/beam/trigger_transcripts.yaml', import.meta.url);

type Expected = Readonly<Record<string, unknown>>;

interface Transcript {
  readonly name: string;
  /** What the harness has to complain about: the transcript is wrong on purpose. */
  readonly error?: string;
  readonly window_fn?: string;
  readonly trigger_fn?: string;
  readonly timestamp_combiner?: string;
  readonly accumulation_mode?: string;
  readonly allowed_lateness?: number;
  readonly transcript: readonly Readonly<Record<string, unknown>>[];
}

const transcripts = parseAllDocuments(readFileSync(GOLDEN, 'utf8')).map((document) => document.toJS() as Transcript);

test('the golden has all 18 transcripts', () => {
  assert.equal(transcripts.length, 18);
});

for (const [i, transcript] of transcripts.entries()) {
  test(`transcript ${i + 1}, ${transcript.name}`, () => {
    if (transcript.error === undefined) run(transcript);
    else assert.throws(() => run(transcript), new RegExp(transcript.error));
  });
}

/** Of Python's SDK alone, which lets a window function move timestamps; Beam's protocol does not know it. */
const TRANSFORMED = 'OUTPUT_AT_EARLIEST_TRANSFORMED';

function run(spec: Transcript): void {
  const moved = spec.timestamp_combiner === TRANSFORMED;
  const driver = new GroupingDriver(windowingOf(spec));
  let output: Readonly<Record<string, unknown>>[] = [];
  for (const step of spec.transcript) {
    const [[action, parameter]] = Object.entries(step);
    if (action !== 'expect') assert.deepEqual(output, [], `Unexpected output before ${action}`);
    if (action === 'input') output = driver.input(...(parameter as number[])).map(info);
    else if (action === 'watermark') output = driver.watermark(parameter as number).map(info);
    else if (action === 'state') checkState(driver, parameter as StateFacts);
    else if (action === 'expect') {
      for (const { timestamp, ...expected } of parameter as Expected[]) {
        const wanted: Expected = moved || timestamp === undefined ? expected : { ...expected, timestamp };
        const found = output.findIndex((candidate) => matches(candidate, wanted));
        assert.ok(found >= 0, `Unmatched output ${JSON.stringify(wanted)} in ${JSON.stringify(output)}`);
        output.splice(found, 1);
      }
    } else assert.fail(`Unknown action ${action}`);
  }
  assert.deepEqual(output, [], 'Unexpected output');
}

function matches(candidate: Readonly<Record<string, unknown>>, wanted: Expected): boolean {
  return Object.entries(wanted).every(([name, value]) => JSON.stringify(candidate[name]) === JSON.stringify(value));
}

function info({ value, timestamp, window, pane }: Fired): Readonly<Record<string, unknown>> {
  return {
    window: bounds(window),
    values: (value as number[]).toSorted((a, b) => a - b),
    timestamp,
    index: pane.index,
    nonspeculative_index: pane.nonSpeculativeIndex,
    early: pane.timing === 'EARLY',
    late: pane.timing === 'LATE',
    final: pane.last,
  };
}

function bounds(window: Window): unknown {
  return window instanceof IntervalWindow ? [window.start, window.maxTimestamp] : String(window);
}

interface StateFacts {
  readonly present: readonly unknown[];
  readonly absent: readonly unknown[];
  readonly tombstone: readonly unknown[];
}

/** Which windows have something; one whose trigger has finished is remembered as closed until it expires. */
function checkState(driver: GroupingDriver, { present, absent, tombstone }: StateFacts): void {
  const open = driver.state.groups.filter((group) => group.count > 0).map((group) => bounds(group.window));
  const closed = driver.state.groups.filter((group) => group.closed).map((group) => bounds(group.window));
  assert.deepEqual(open, present);
  for (const window of tombstone) assert.ok(closed.some((other) => JSON.stringify(other) === JSON.stringify(window)));
  for (const window of absent) assert.ok(!open.some((other) => JSON.stringify(other) === JSON.stringify(window)));
}

const COMBINERS: Readonly<Record<string, TimestampCombiner>> = {
  OUTPUT_AT_EOW: 'endOfWindow',
  OUTPUT_AT_EARLIEST: 'earliest',
  OUTPUT_AT_LATEST: 'latest',
  [TRANSFORMED]: 'earliest',
};

function windowingOf(spec: Transcript): WindowingStrategy {
  return {
    ...GLOBAL_WINDOWING,
    windowFn: evaluate(spec.window_fn ?? 'GlobalWindows') as WindowFn<Window>,
    trigger: evaluate(spec.trigger_fn ?? 'Default') as Trigger,
    timestampCombiner: COMBINERS[spec.timestamp_combiner ?? 'OUTPUT_AT_EOW'],
    accumulation: (spec.accumulation_mode ?? 'accumulating') as 'accumulating' | 'discarding',
    allowedLateness: spec.allowed_lateness ?? 0,
  };
}

type Arguments = readonly unknown[];

/** Python's names. */
const FUNCTIONS: Readonly<Record<string, (args: Arguments, named: Readonly<Record<string, unknown>>) => unknown>> = {
  GlobalWindows: () => globalWindows(),
  FixedWindows: ([size]) => fixed(`${size as number}ms`),
  CustomTimestampingFixedWindowsWindowFn: ([size]) => fixed(`${size as number}ms`),
  Sessions: ([gap]) => sessions({ gap: `${gap as number}ms` }),
  Default: () => defaultTrigger(),
  Always: () => always(),
  AfterCount: ([count]) => afterCount(count as number),
  AfterProcessingTime: ([delay]) => afterProcessingTime(`${delay as number}ms`),
  AfterWatermark: (_, { early, late }) =>
    afterWatermark({
      ...(early === undefined ? {} : { early: early as OnceTrigger }),
      ...(late === undefined ? {} : { late: late as OnceTrigger }),
    }),
  Repeatedly: ([trigger]) => repeatedly(trigger as Trigger),
  AfterEach: (args) => afterEach(...(args as [Trigger, ...Trigger[]])),
  AfterAny: (args) => afterAny(...(args as [OnceTrigger, ...OnceTrigger[]])),
  AfterAll: (args) => afterAll(...(args as [OnceTrigger, ...OnceTrigger[]])),
  OrFinally: ([main, until]) => orFinally(main as Trigger, until as OnceTrigger),
};

/** The value of `Name`, `Name(1, other=Name(2))` or a number. */
function evaluate(text: string): unknown {
  let at = 0;
  const next = (pattern: RegExp): string | undefined => {
    const match = new RegExp(`\\s*(${pattern.source})`, 'y');
    match.lastIndex = at;
    const found = match.exec(text);
    if (found === null) return undefined;
    at = match.lastIndex;
    return found[1];
  };
  const value = (): unknown => {
    const number = next(/\d+/);
    if (number !== undefined) return Number(number);
    const name = next(/\w+/) ?? assert.fail(`cannot read ${text} from ${at}`);
    const args: unknown[] = [];
    const named: Record<string, unknown> = {};
    if (next(/\(/) !== undefined) {
      while (next(/\)/) === undefined) {
        const label = next(/\w+=/);
        if (label === undefined) args.push(value());
        else named[label.slice(0, -1)] = value();
        next(/,/);
      }
    }
    return (FUNCTIONS[name] ?? assert.fail(`unknown function ${name}`))(args, named);
  };
  return value();
}
