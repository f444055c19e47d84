import {
  type ArtifactResponseWrapper,
  ArtifactStagingService,
  type GetJobMetricsResponse,
  type JobMessageImportance,
  type JobMessagesResponse,
  JobService,
  type JobState,
  type PrepareJobRequest,
} from '../../src/model/job-management.ts';
import type { Init } from '../../src/model/proto/message-type.ts';
import { GrpcServer } from '../../src/runners/rpc/grpc-server.ts';

/** What a job server that only says what it is told to does with the job that it is given. */
interface FakeJob {
  /** What it says, in order, until the next call that changes something. */
  readonly events?: readonly Init<JobMessagesResponse>[];
  /** What it says once it is told to cancel. */
  readonly cancelled?: readonly Init<JobMessagesResponse>[];
  readonly metrics?: Init<GetJobMetricsResponse>;
  /** Refuses to prepare. */
  readonly refusal?: string;
  /** Prepares, and refuses to run. */
  readonly runRefusal?: string;
  /** After its events it says nothing more. */
  readonly isMute?: boolean;
  /** Takes no files, and asks for none. */
  readonly ignoresFiles?: boolean;
  /** Has no message stream, and says its states on the state stream. */
  readonly isOld?: boolean;
}

/** A job server for tests: it runs nothing. */
export class FakeJobServer {
  readonly prepared: PrepareJobRequest[] = [];
  readonly stagingTokens: string[] = [];
  readonly #server = new GrpcServer();
  readonly #cancelled = Promise.withResolvers<void>();
  readonly #offered = Promise.withResolvers<void>();
  /** It was offered files. */
  readonly offered = this.#offered.promise;
  endpoint = '';

  async listen(job: FakeJob): Promise<void> {
    const { events = [], cancelled, metrics = {}, refusal, runRefusal, isOld = false } = job;
    const states = events.flatMap(({ stateResponse }) => (stateResponse === undefined ? [] : [stateResponse]));
    this.#server.add(JobService, {
      prepare: (request) => {
        if (refusal !== undefined) throw new Error(refusal);
        this.prepared.push(request);
        return { preparationId: 'p', stagingSessionToken: 'token', artifactStagingEndpoint: { url: this.endpoint } };
      },
      run: ({ preparationId }) => {
        if (runRefusal !== undefined) throw new Error(runRefusal);
        return { jobId: `${preparationId}-1` };
      },
      getState: () => states.at(-1) ?? {},
      getJobMetrics: () => metrics,
      cancel: () => {
        this.#cancelled.resolve();
        return {};
      },
      ...(isOld
        ? {}
        : {
            getMessageStream: async (_request, answers) => {
              for (const event of events) answers.write(event);
              if (cancelled !== undefined) {
                await this.#cancelled.promise;
                for (const event of cancelled) answers.write(event);
              }
              if (job.isMute !== true) answers.end();
            },
          }),
      getStateStream: (_request, answers) => {
        for (const state of states) answers.write(state);
        answers.end();
      },
    });
    this.#server.add(ArtifactStagingService, {
      // As Prism does where nothing is to be staged: no headers, no request, only the status.
      reverseArtifactRetrievalService: (stream) => {
        stream.once('data', ({ stagingToken }: ArtifactResponseWrapper) => {
          this.stagingTokens.push(stagingToken);
          this.#offered.resolve();
          if (job.ignoresFiles !== true) stream.end();
        });
      },
    });
    this.endpoint = await this.#server.listen();
  }

  close(): void {
    this.#server.close();
  }
}

/** Runs a job server for as long as `use` takes. */
export async function withJobServer<T>(job: FakeJob, use: (server: FakeJobServer) => Promise<T>): Promise<T> {
  const server = new FakeJobServer();
  await server.listen(job);
  try {
    return await use(server);
  } finally {
    server.close();
  }
}

/** Events of the message stream. */
export function messageEvent(importance: JobMessageImportance, messageText: string): Init<JobMessagesResponse> {
  return { messageResponse: { importance, messageText } };
}

export function stateEvent(state: JobState): Init<JobMessagesResponse> {
  return { stateResponse: { state } };
}
