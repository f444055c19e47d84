import { setTimeout as sleep } from 'node:timers/promises';
import {
  type JobMessagesRequest,
  type JobMessagesResponse,
  JobService,
  JobState,
  type MetricResults,
  type PrepareJobRequest,
  type PrepareJobResponse,
} from '../../model/job-management.ts';
import type { GrpcMethod } from '../../model/proto/grpc-service.ts';
import type { Init } from '../../model/proto/message-type.ts';
import type { Struct } from '../../model/well-known.ts';
import { RunnerError } from '../../sdk/errors.ts';
import type { RunnerMessage } from '../../sdk/pipeline/runner.ts';
import type { GrpcChannel } from '../rpc/grpc-channel.ts';
import { pipelineRefusal } from './pipeline-refusal.ts';
import { runnerMessage } from './runner-message.ts';

/** What a runner tells of a job. */
export interface JobListener {
  state(state: JobState): void;
  message(message: RunnerMessage): void;
}

/** Times that a stream about a job may break, one after the other, before the job counts as lost. */
const MAX_BREAKS = 5;
const RECONNECT_MILLIS = 1000;
/** After its final state a job may still have something to say. */
const LAST_WORDS_MILLIS = 2000;

const FINAL: ReadonlySet<JobState> = new Set([
  JobState.DONE,
  JobState.FAILED,
  JobState.CANCELLED,
  JobState.UPDATED,
  JobState.DRAINED,
]);

/** How long a server may take to look at a pipeline, which it does not run yet. */
const PREPARE_MILLIS = 60_000;
/** How long it may take to answer what needs no work of it. */
const ANSWER_MILLIS = 60_000;

/** Beam's Job API as its clients use it. All calls fail with `RPC_…`. */
export class JobClient {
  readonly #channel: GrpcChannel;

  constructor(channel: GrpcChannel) {
    this.#channel = channel;
  }

  /** @throws RunnerError `PIPELINE_REFUSED` where the runner cannot run the pipeline, with its reasons */
  async prepare(request: Init<PrepareJobRequest>, signal?: AbortSignal): Promise<PrepareJobResponse> {
    try {
      const settings = { deadlineMillis: PREPARE_MILLIS, ...(signal === undefined ? {} : { signal }) };
      return await this.#channel.call(JobService.prepare, request, settings);
    } catch (error) {
      throw pipelineRefusal(error, this.#channel.endpoint, request.pipelineOptions);
    }
  }

  /**
   * @param pipelineOptions that it was prepared with
   * @returns the job's id
   * @throws RunnerError `PIPELINE_REFUSED`
   */
  async run(preparationId: string, retrievalToken: string, pipelineOptions: Init<Struct>): Promise<string> {
    try {
      return (await this.#call(JobService.run, { preparationId, retrievalToken })).jobId;
    } catch (error) {
      throw pipelineRefusal(error, this.#channel.endpoint, pipelineOptions);
    }
  }

  async cancel(jobId: string, signal?: AbortSignal): Promise<void> {
    await this.#call(JobService.cancel, { jobId }, signal);
  }

  async drain(jobId: string): Promise<void> {
    await this.#call(JobService.drain, { jobId });
  }

  async metrics(jobId: string): Promise<MetricResults | undefined> {
    return (await this.#call(JobService.getJobMetrics, { jobId })).metrics;
  }

  /**
   * Tells what becomes of a job until its end, over its message stream or, with an old server, its state stream. A stream
   * that breaks is begun anew. A job may run, and have nothing to say, for as long as it likes.
   *
   * @param signal ends it, with whatever error the call under way has then
   * @returns the final state
   */
  async follow(jobId: string, listener: JobListener, signal?: AbortSignal): Promise<JobState> {
    let hasMessages = true;
    for (let breaks = 0; ; ) {
      let state: JobState = JobState.UNSPECIFIED;
      const tell = (event: JobMessagesResponse): boolean => {
        breaks = 0;
        if (event.messageResponse !== undefined) listener.message(runnerMessage(event.messageResponse));
        if (event.stateResponse !== undefined) listener.state((state = event.stateResponse.state));
        return FINAL.has(state);
      };
      try {
        if (hasMessages) await this.#read(JobService.getMessageStream, jobId, tell, signal);
        else await this.#read(JobService.getStateStream, jobId, (stateResponse) => tell({ stateResponse }), signal);
        if (!FINAL.has(state)) {
          state = (await this.#call(JobService.getState, { jobId }, signal)).state;
          listener.state(state);
        }
        if (FINAL.has(state)) return state;
        breaks++;
      } catch (error) {
        if (FINAL.has(state)) return state;
        if (signal?.aborted) throw error;
        if (hasMessages && error instanceof RunnerError && error.code === 'RPC_UNIMPLEMENTED') {
          hasMessages = false;
          continue;
        }
        if (++breaks > MAX_BREAKS) throw error;
        // The messages are known up to here, and a new stream would begin with the first.
        hasMessages = false;
      }
      await sleep(RECONNECT_MILLIS * breaks, undefined, { signal });
    }
  }

  async #read<Event extends object>(
    method: GrpcMethod<JobMessagesRequest, Event>,
    jobId: string,
    tell: (event: Event) => boolean,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const stream = this.#channel.serverStream(method, { jobId });
    const cancel = (): void => stream.cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted) cancel();
    let lastWords: NodeJS.Timeout | undefined;
    try {
      for await (const event of stream as AsyncIterable<Event>) {
        if (tell(event)) lastWords ??= setTimeout(cancel, LAST_WORDS_MILLIS);
      }
    } catch (cause) {
      throw this.#channel.failure(method, cause);
    } finally {
      clearTimeout(lastWords);
      signal?.removeEventListener('abort', cancel);
    }
  }

  #call<Request extends object, Response extends object>(
    method: GrpcMethod<Request, Response>,
    request: Init<Request>,
    signal?: AbortSignal,
  ): Promise<Response> {
    return this.#channel.call(method, request, { signal, deadlineMillis: ANSWER_MILLIS });
  }
}
