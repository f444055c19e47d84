import type { JsonValue } from '../../model/proto/json-format.ts';
import { checkNode } from '../check-node.ts';
import type { Duration } from '../windows/timestamp.ts';
import type { Pipeline } from './pipeline.ts';
import type { Job, JobProgress } from './pipeline-result.ts';

/** Options every runner understands. */
export interface RunOptions {
  /** `direct` (default): this machine. `portable`: a runner of Beam's, such as Flink or Prism, behind `endpoint`. */
  readonly runner?: 'direct' | 'portable';
  /** Worker threads; 0 runs everything in the calling thread. Default: the machine's available parallelism. */
  readonly threads?: number;
  /**
   * Bytes of data that the engine holds in memory before it goes to disk, e.g. `'512MiB'`; default a quarter of the
   * machine's memory, at least 8 MiB. Objects of user functions come on top.
   */
  readonly memory?: number | string;
  /** Folder for temporary files; the system's when absent. */
  readonly tempDir?: string;
  /**
   * Folder in which a pipeline with unbounded input or state keeps its checkpoints. When the process has been killed,
   * the same program with the same folder goes on from the last one. Without it, such a pipeline starts anew.
   */
  readonly checkpointDir?: string;
  /** Time between two checkpoints; default `'10s'`. */
  readonly checkpointInterval?: Duration;
  /** Attempts of a bundle before the job fails; default 4. */
  readonly maxAttempts?: number;
  /** Checks for mutated inputs, unstable coders and DoFns that keep state between bundles. For tests; slow. */
  readonly strict?: boolean;
  /** Keeps elements out of error messages, for data that must not come into logs. What user functions say is theirs. */
  readonly redactErrors?: boolean;
  /** Rewrites of the optimiser that are switched off. */
  readonly disable?: readonly Rewrite[];
  /**
   * Module that worker threads import to build the pipeline, usually `import.meta.url`; default: the program's main
   * module, or the file that holds the pipeline's definition.
   */
  readonly program?: string | URL;
  /**
   * Lets `millrace explain --running` and `millrace drain` reach a pipeline that runs in steps, by a socket that only the
   * same user may open; SIGUSR1 then prints to stderr how far each stage is and what it waits for, instead of starting
   * Node's debugger, and so it says when nothing has moved for a minute. `millrace run` sets it. Not on Windows.
   */
  readonly attachable?: boolean;
  /** Of a portable runner: `host:port` of its job server. */
  readonly endpoint?: string;
  /**
   * With a portable runner, where user functions run. `loopback` (default): in this process, which the runner calls.
   * `external`: in workers of a pool, `process`: in processes that the runner starts, `docker`: in containers; the program is
   * then bundled by esbuild, which must be installed, and sent to them.
   */
  readonly environment?: 'loopback' | 'external' | 'process' | 'docker';
  /**
   * What the environment needs: `host:port` of a worker pool, the command of a process (default Millrace's own on this
   * machine), or the name of a container image.
   */
  readonly environmentConfig?: string;
  /** Of a portable runner: whether connections are encrypted; default when one of the next three is given. */
  readonly tls?: boolean;
  /** File with the authorities that the runner's certificate may come from, PEM; default those that Node trusts. */
  readonly tlsCa?: string;
  /** File with this client's key, PEM. */
  readonly tlsKey?: string;
  /** File with this client's certificates, PEM. */
  readonly tlsCertificate?: string;
  /** Sent to a portable runner with each call, as `authorization: Bearer TOKEN`. */
  readonly token?: string;
  /** Options of a portable runner's own, e.g. `{ parallelism: 4 }` for Flink; sent as `beam:option:NAME:v1`. */
  readonly runnerOptions?: Readonly<Record<string, JsonValue>>;
  /** Called with what a portable runner says about the job; without it, its warnings are warnings of the process. */
  readonly onMessage?: (message: RunnerMessage) => void;
  readonly signal?: AbortSignal;
  /** Called about four times a second while the job runs. */
  readonly onProgress?: (progress: JobProgress) => void;
}

/** What a portable runner says about a job. */
export interface RunnerMessage {
  /** As Beam grades them; `basic` is what a user usually wants to know. */
  readonly importance: 'debug' | 'detailed' | 'basic' | 'warning' | 'error';
  readonly text: string;
}

/** Rewrites of the optimiser, by name. */
export type Rewrite = 'fusion' | 'combinerLifting' | 'flattenUnzipping' | 'keyPreserving' | 'deadCode';

/** Executes pipelines. */
export interface Runner {
  start(pipeline: Pipeline, options: RunOptions): Promise<Job>;
}

type StartFunction = (pipeline: Pipeline, options: RunOptions) => Promise<Job>;

// One slot for all copies of this module in a thread: a program may load the library from source and compiled.
const slot = Symbol.for('millrace.start');
const observerSlot = Symbol.for('millrace.observer');
const shared = globalThis as { [slot]?: StartFunction; [observerSlot]?: PipelineObserver | undefined };

/** Is told of the pipelines of a thread: how a tool finds those that are never run. */
export interface PipelineObserver {
  built(pipeline: Pipeline): void;
  started(pipeline: Pipeline): void;
}

/** Sets the one observer there is, or none. */
export function observePipelines(observer: PipelineObserver | undefined): void {
  shared[observerSlot] = observer;
}

export function observer(): PipelineObserver | undefined {
  return shared[observerSlot];
}

/**
 * Makes `run()` call `start` instead of a runner: how a worker that imports the user's program gets hold of its
 * pipeline, and how a tool inspects one.
 */
export function interceptRuns(start: StartFunction | undefined): void {
  shared[slot] = start;
}

/** Starts a pipeline: hands it to the interceptor if there is one, else to the runner. What `run()` calls. */
export async function startPipeline(pipeline: Pipeline, options: RunOptions): Promise<Job> {
  return (shared[slot] ?? startOnRunner)(pipeline, options);
}

/**
 * Starts a pipeline on the runner its options name. The one place where the SDK reaches a runner.
 *
 * @throws RunnerError `NODE_TOO_OLD`, and whatever the runner throws
 */
export async function startOnRunner(pipeline: Pipeline, options: RunOptions): Promise<Job> {
  checkNode();
  if (options.runner === 'portable') {
    const { PortableRunner } = await import('../../runners/portable/index.ts');
    return new PortableRunner().start(pipeline, options);
  }
  const { DirectRunner } = await import('../../runners/direct/index.ts');
  return new DirectRunner().start(pipeline, options);
}
