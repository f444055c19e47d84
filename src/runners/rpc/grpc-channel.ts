import { once } from 'node:events';
import {
  type ChannelCredentials,
  Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  credentials,
  Metadata,
  status,
} from '@grpc/grpc-js';
import type { GrpcMethod } from '../../model/proto/grpc-service.ts';
import type { Init } from '../../model/proto/message-type.ts';
import { rpcError } from './rpc-error.ts';
import { CLIENT_LIMITS } from './rpc-limits.ts';
import { Silence } from './silence.ts';

/** How a client proves who it is, and knows the server, over TLS. All PEM. */
export interface ClientTls {
  /** Authorities that the server's certificate may come from; default those that Node trusts. */
  readonly rootCertificates?: Buffer;
  /** The client's own key and certificates, where the server asks for them. */
  readonly privateKey?: Buffer;
  readonly certificateChain?: Buffer;
}

export interface ChannelSettings {
  /** Absent: no encryption. */
  readonly tls?: ClientTls;
  /** Sent with each call as `authorization: Bearer TOKEN`. */
  readonly token?: string;
  /** Sent with each call, e.g. `worker_id`. */
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface CallSettings {
  /** Ends the call; it then fails with `RPC_CANCELLED`. */
  readonly signal?: AbortSignal;
  /** From now on; without it the call takes as long as the server does. */
  readonly deadlineMillis?: number;
}

export interface StreamSettings {
  /** Ends the stream; it then fails with `RPC_CANCELLED`. */
  readonly signal?: AbortSignal;
  /** How long nothing may move on the stream, which then fails with `RPC_DEADLINE_EXCEEDED`. */
  readonly silenceMillis: number;
}

/**
 * A connection to one server, made with the first call and made anew when it breaks. Calls fail with what `rpcError`
 * makes of them; streams emit what grpc-js gives, and who listens asks `failure` what it means.
 */
export class GrpcChannel {
  readonly endpoint: string;
  readonly #client: Client;
  readonly #metadata = new Metadata();

  /** @param endpoint `host:port`, or `unix:path` */
  constructor(endpoint: string, { tls, token, metadata = {} }: ChannelSettings = {}) {
    this.endpoint = endpoint;
    this.#client = new Client(endpoint, channelCredentials(tls), CLIENT_LIMITS);
    if (token !== undefined) this.#metadata.set('authorization', `Bearer ${token}`);
    for (const [name, value] of Object.entries(metadata)) this.#metadata.set(name, value);
  }

  /** One request, one answer. @throws RunnerError `RPC_…` */
  call<Request extends object, Response extends object>(
    method: GrpcMethod<Request, Response>,
    request: Init<Request>,
    { signal, deadlineMillis }: CallSettings = {},
  ): Promise<Response> {
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const call = this.#client.makeUnaryRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      request,
      this.#metadata,
      deadlineMillis === undefined ? {} : { deadline: Date.now() + deadlineMillis },
      (error, response) => {
        signal?.removeEventListener('abort', cancel);
        if (error !== null) reject(this.failure(method, error));
        else resolve(response as Response);
      },
    );
    const cancel = (): void => call.cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted) cancel();
    return promise;
  }

  /** One request, a stream of answers. */
  serverStream<Request extends object, Response extends object>(
    { path, requestSerialize, responseDeserialize }: GrpcMethod<Request, Response>,
    request: Init<Request>,
  ): ClientReadableStream<Response> {
    return this.#client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request, this.#metadata);
  }

  /** A stream of requests, one answer; no more is taken from `requests` than the server takes. @throws RunnerError `RPC_…` */
  async clientStream<Request extends object, Response extends object>(
    method: GrpcMethod<Request, Response>,
    requests: AsyncIterable<Init<Request>>,
    { signal, silenceMillis }: StreamSettings,
  ): Promise<Response> {
    const { promise, resolve, reject } = Promise.withResolvers<Response>();
    const call = this.#client.makeClientStreamRequest(
      method.path,
      method.requestSerialize,
      method.responseDeserialize,
      this.#metadata,
      (error, response) => {
        if (error === null) resolve(response as Response);
        else reject(silence.isBroken ? this.silent(method, silenceMillis) : this.failure(method, error));
      },
    );
    // It may be settled while a request is being made, when nobody waits for it.
    promise.catch(() => {});
    const cancel = (): void => call.cancel();
    const silence = new Silence(silenceMillis, cancel);
    const heard = (): void => silence.heard();
    signal?.addEventListener('abort', cancel, { once: true });
    if (signal?.aborted) cancel();
    try {
      for await (const request of requests) {
        // A server may answer before it has read all, and then takes no more.
        if (!call.write(request, heard)) await Promise.race([once(call, 'drain'), promise]);
      }
      call.end();
      return await promise;
    } catch (error) {
      cancel();
      reject(this.failure(method, error));
      return await promise;
    } finally {
      silence.end();
      signal?.removeEventListener('abort', cancel);
    }
  }

  /** A stream of requests beside one of answers. */
  duplex<Request extends object, Response extends object>({
    path,
    requestSerialize,
    responseDeserialize,
  }: GrpcMethod<Request, Response>): ClientDuplexStream<Init<Request>, Response> {
    return this.#client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, this.#metadata);
  }

  /** What the error of a call or stream means. */
  failure({ path }: { readonly path: string }, cause: unknown): ReturnType<typeof rpcError> {
    return rpcError(cause, this.endpoint, path);
  }

  /** The failure of a stream on which nothing has moved for too long. */
  silent(method: { readonly path: string }, millis: number): ReturnType<typeof rpcError> {
    return this.failure(method, {
      code: status.DEADLINE_EXCEEDED,
      details: `nothing has moved for ${millis / 1000} s`,
    });
  }

  /** Lets go of the connection; calls under way go on to their end. */
  close(): void {
    this.#client.close();
  }
}

function channelCredentials(tls: ClientTls | undefined): ChannelCredentials {
  if (tls === undefined) return credentials.createInsecure();
  return credentials.createSsl(tls.rootCertificates, tls.privateKey, tls.certificateChain);
}
