/**
 * An SDK harness: runs the user functions of a pipeline for a Beam runner, over the Fn API. The runner says which bundles;
 * elements, state and side inputs travel on streams of their own (docs/decisions/0015-fn-api.md).
 */
import { setTimeout } from 'node:timers/promises';
import { breather } from '../../harness/breather.ts';
import { DoFnLives } from '../../harness/do-fn-lives.ts';
import { BeamFnControl, type InstructionRequest } from '../../model/fn-execution.ts';
import { RunnerError } from '../../sdk/errors.ts';
import type { Pipeline } from '../../sdk/pipeline/pipeline.ts';
import { GrpcChannel } from '../rpc/grpc-channel.ts';
import { errorText } from './control/error-text.ts';
import { type InstructionListener, Instructions } from './control/instructions.ts';
import { Stages } from './control/stages.ts';
import { reportStatus } from './control/worker-status.ts';
import { DataStreams } from './data/data-streams.ts';
import { CollectionSamples } from './data/element-samples.ts';
import { tellConsole } from './logging/console-log.ts';
import { LogStream } from './logging/log-stream.ts';
import { SideInputCache } from './state/side-input-cache.ts';
import { StateChannels } from './state/state-channels.ts';
import { UserStateCache } from './state/user-state-cache.ts';

/** How a worker reaches the runner that has asked for it, and what it runs. */
export interface SdkWorkerOptions extends InstructionListener {
  /** Tells the runner which worker it is. */
  readonly id: string;
  /** Each `host:port`. */
  readonly controlEndpoint: string;
  readonly loggingEndpoint?: string;
  readonly statusEndpoint?: string;
  /** As this process has built it. */
  readonly pipeline: Pipeline;
  /** What ids of its coders begin with in the pipeline that runs, where it is a part of another program's; default nothing. */
  readonly namespace?: string;
  /** Whether error messages leave elements out. */
  readonly redactErrors?: boolean;
  /** Checks for mutated inputs, unstable coders and DoFns that keep state between bundles. */
  readonly strict?: boolean;
  /** The runner is told what is printed by the console: the process is the worker's alone. Default false. */
  readonly tellsConsole?: boolean;
}

/** Time for bundles that are under way when the worker ends. */
const END_MILLIS = 5000;

/** A worker at work. */
export interface SdkWorker {
  /** Ends when the runner has ended the control stream; rejects when it broke, or a teardown failed. */
  readonly done: Promise<void>;
  /**
   * Memory of a {@link WakeSignal}, by which another thread says that the runner has stopped the worker: this one may be blocked
   * until the runner answers about state.
   */
  readonly signal: SharedArrayBuffer;
  /** Ends the worker from this side. */
  stop(): Promise<void>;
}

/** Connects to a runner and serves it until it is done. */
export function startSdkWorker(options: SdkWorkerOptions): SdkWorker {
  const {
    id,
    controlEndpoint,
    loggingEndpoint,
    statusEndpoint,
    pipeline,
    namespace = '',
    redactErrors = false,
    strict = false,
    tellsConsole = false,
  } = options;
  const connect = (endpoint: string) => new GrpcChannel(endpoint, { metadata: { worker_id: id } });
  const channel = connect(controlEndpoint);
  const data = new DataStreams(connect);
  const lives = new DoFnLives();
  const samples = new CollectionSamples(Date.now);
  const log = loggingEndpoint === undefined ? undefined : new LogStream(connect(loggingEndpoint), Date.now);
  const releaseConsole = log === undefined || !tellsConsole ? undefined : tellConsole(log);
  const channels = new StateChannels({ workerId: id });
  const stages = new Stages(
    pipeline.graph,
    {
      now: Date.now,
      random: Math.random,
      namespace,
      strict,
      redactErrors,
      breathe: breather(),
      sleep: (millis) => setTimeout(millis),
      lives,
      samples,
      data,
      state: {
        channels,
        userStates: new UserStateCache(),
        sideInputs: new SideInputCache(),
        now: Date.now,
        strict,
      },
    },
    (descriptor) => channel.call(BeamFnControl.getProcessBundleDescriptor, { processBundleDescriptorId: descriptor }),
  );
  const instructions = new Instructions(
    stages,
    samples,
    {
      ...options,
      onFailure(error, instructionId) {
        data.drop(instructionId);
        log?.error(errorText(error), { instructionId });
        options.onFailure?.(error, instructionId);
      },
    },
    id,
  );
  const status = statusEndpoint === undefined ? undefined : connect(statusEndpoint);
  if (status !== undefined) reportStatus(status, () => instructions.running, Date.now);

  const control = channel.duplex(BeamFnControl.control);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let isStopping = false;
  control.on('data', (request: InstructionRequest) => {
    void instructions.carryOut(request).then((response) => {
      if (control.writable) control.write(response);
    });
  });
  control.on('error', (cause) => (isStopping ? resolve() : reject(channel.failure(BeamFnControl.control, cause))));
  control.on('end', () => resolve());

  const done = promise.finally(async () => {
    instructions.cancel(new RunnerError('CANCELLED', 'The runner has ended the worker'));
    control.end();
    data.end();
    await channels.close();
    status?.close();
    releaseConsole?.();
    log?.end();
    channel.close();
    // Calls of the user's that never end are not waited for.
    await Promise.race([instructions.idle, setTimeout(END_MILLIS, undefined, { ref: false })]);
    await lives.tearDown();
  });
  return {
    done,
    signal: channels.signal.memory,
    async stop() {
      isStopping = true;
      control.cancel();
      await done.catch(() => {});
    },
  };
}
