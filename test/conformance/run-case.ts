import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PipelineResult, RunOptions } from '../../src/sdk/index.ts';
import { TestPipeline, testStream } from '../../src/testing/index.ts';
import type { ConformanceCase, Feature } from './conformance-case.ts';

/** A runner as the suite sees it. */
export interface ConformanceRunner {
  readonly name: string;
  /** Features that it publicly does not have: cases that need them are skipped with that reason. */
  readonly lacks: readonly Feature[];
  /** An empty pipeline that runs there. */
  pipeline(): TestPipeline;
  /** Milliseconds that a case may take; default 60,000. */
  readonly timeoutMillis?: number;
}

/** How a case went. */
export interface CaseOutcome {
  readonly name: string;
  /** `refused`: the runner says that it cannot run the pipeline. */
  readonly status: 'passed' | 'failed' | 'skipped' | 'refused';
  readonly millis: number;
  /** Why it failed or was skipped. */
  readonly reason?: string;
}

const TIMEOUT_MS = 60_000;
/** Time that a runner has for a cancellation. */
const CANCEL_MS = 5_000;
const CHECKPOINTS = join(tmpdir(), `millrace-conformance-${process.pid}`);

/** Codes of errors by which a runner, or ours for it, says that it cannot run a pipeline. */
const REFUSALS: readonly string[] = ['PIPELINE_REFUSED', 'NOT_PORTABLE'];

/** In the calling thread and strict, as tests are; a bundle that fails is tried once more. */
const OPTIONS: RunOptions = { maxAttempts: 2 };

/** Our own runner. */
export const directRunner: ConformanceRunner = {
  name: 'direct',
  lacks: [],
  pipeline: () => new TestPipeline(OPTIONS),
};

/** Our own runner with nothing fused, combined early or left out: what the optimiser does must not be seen. */
const plainRunner: ConformanceRunner = {
  name: 'direct-plain',
  lacks: [],
  pipeline: () =>
    new TestPipeline({
      ...OPTIONS,
      disable: ['fusion', 'combinerLifting', 'flattenUnzipping', 'keyPreserving', 'deadCode'],
    }),
};

/** Our own runner as it runs streams: an idle stream beside the pipeline makes it run in steps. */
export const streamingRunner: ConformanceRunner = {
  name: 'direct-streaming',
  // It goes back to its last checkpoint after a failure, and has none.
  lacks: ['retries'],
  pipeline() {
    const pipeline = new TestPipeline(OPTIONS);
    pipeline.apply('Idle', testStream<number>().advanceWatermarkToInfinity());
    return pipeline;
  },
};

let checkpoints = 0;

/** As {@link streamingRunner}, with a checkpoint after every step that has done anything. */
const checkpointedRunner: ConformanceRunner = {
  name: 'direct-checkpointed',
  lacks: [],
  pipeline() {
    if (checkpoints === 0) process.on('exit', () => rmSync(CHECKPOINTS, { recursive: true, force: true }));
    const checkpointDir = join(CHECKPOINTS, String(++checkpoints));
    const pipeline = new TestPipeline({ ...OPTIONS, checkpointDir, checkpointInterval: '1ms' });
    pipeline.apply('Idle', testStream<number>().advanceWatermarkToInfinity());
    return pipeline;
  },
};

/** The runners by the name given to `--runner`. */
export const runners: Readonly<Record<string, ConformanceRunner>> = Object.fromEntries(
  [directRunner, plainRunner, streamingRunner, checkpointedRunner].map((runner) => [runner.name, runner]),
);

/**
 * Builds and runs a case.
 *
 * @throws what the pipeline ends with, or an Error when it should have failed and did not
 */
export async function runCase(each: ConformanceCase, runner: ConformanceRunner): Promise<void> {
  let result: PipelineResult;
  try {
    const pipeline = runner.pipeline();
    each.pipeline(pipeline);
    result = await runWithin(pipeline, runner.timeoutMillis ?? TIMEOUT_MS);
  } catch (error) {
    if (each.fails !== undefined && codesOf(error).includes(each.fails)) return;
    throw error;
  }
  if (each.fails !== undefined) throw new Error(`The pipeline should have failed with ${each.fails}, and did not`);
  each.afterwards?.(result.metrics);
}

/** @throws also where a runner that is told to cancel does not */
async function runWithin(pipeline: TestPipeline, millis: number): Promise<PipelineResult> {
  const overdue = Promise.withResolvers<never>();
  const timer = setTimeout(() => overdue.reject(new Error(`No end in ${millis / 1000} s`)), millis + CANCEL_MS);
  try {
    return await Promise.race([pipeline.run({ signal: AbortSignal.timeout(millis) }), overdue.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** As {@link runCase}, with the outcome as a value. */
export async function tryCase(each: ConformanceCase, runner: ConformanceRunner): Promise<CaseOutcome> {
  const { name } = each;
  const missing = each.needs.filter((feature) => runner.lacks.includes(feature));
  if (missing.length > 0) {
    return { name, status: 'skipped', millis: 0, reason: `${runner.name} has no ${missing.join(', ')}` };
  }
  const started = performance.now();
  const took = () => Math.round(performance.now() - started);
  try {
    await runCase(each, runner);
    return { name, status: 'passed', millis: took() };
  } catch (error) {
    return {
      name,
      status: codesOf(error).some((code) => REFUSALS.includes(code)) ? 'refused' : 'failed',
      millis: took(),
      reason: error instanceof Error ? error.message : String(error),
    };
  }
}

/** The codes of an error and of its causes. */
function codesOf(error: unknown): string[] {
  const codes: string[] = [];
  for (let each = error; each instanceof Error && codes.length < 10; each = each.cause) {
    codes.push('code' in each ? String(each.code) : each.name);
  }
  return codes;
}
