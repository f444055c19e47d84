import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
  type UntypedHandleCall,
} from '@grpc/grpc-js';
import type { GrpcMethod, GrpcService, MethodDefinition, MethodDefinitions } from '../../model/proto/grpc-service.ts';
import type { Init } from '../../model/proto/message-type.ts';
import { messageOf, RunnerError } from '../../sdk/errors.ts';
import { SERVER_LIMITS } from './rpc-limits.ts';

/**
 * What answers a method, by its kind: one answer to one request or to many, a stream of them, or two streams. One answer that is a rejection becomes
 * the status INTERNAL with the error's message. A stream that breaks is told by its events `cancelled` and `close`.
 */
export type GrpcHandler<Method> =
  Method extends MethodDefinition<infer Request, infer Response>
    ? Method['requestStream'] extends true
      ? Method['responseStream'] extends true
        ? (stream: ServerDuplexStream<Request, Init<Response>>) => void
        : (requests: AsyncIterable<Request>) => Promise<Init<Response>>
      : Method['responseStream'] extends true
        ? (request: Request, answers: ServerWritableStream<Request, Init<Response>>) => void
        : (request: Request, metadata: Metadata) => Promise<Init<Response>> | Init<Response>
    : never;

/** Handlers of a service by its methods; a method without one is answered with UNIMPLEMENTED. */
export type GrpcHandlers<M extends MethodDefinitions> = { readonly [K in keyof M]?: GrpcHandler<M[K]> };

/** A server of gRPC services. */
export class GrpcServer {
  readonly #server = new Server(SERVER_LIMITS);

  add<M extends MethodDefinitions>(service: GrpcService<M>, handlers: GrpcHandlers<M>): void {
    const implementation: Record<string, UntypedHandleCall> = {};
    for (const [name, { requestStream, responseStream }] of Object.entries<GrpcMethod<object, object>>(service)) {
      // Which kind of handler it is follows from the method's, which types say above and flags here.
      const handler = handlers[name] as unknown;
      if (handler === undefined) continue;
      if (requestStream && responseStream) implementation[name] = duplexCall(handler as DuplexHandler);
      else if (requestStream) implementation[name] = gatheringCall(handler as GatheringHandler);
      else if (responseStream) implementation[name] = streamingCall(handler as StreamingHandler);
      else implementation[name] = unaryCall(handler as UnaryHandler);
    }
    this.#server.addService(service, implementation);
  }

  /**
   * Begins to serve.
   *
   * @param address `host:port`, where port 0 takes a free one, or `unix:path`. Default: this machine only
   * @returns the address with the port that was taken
   * @throws RunnerError `RPC_NOT_LISTENING` where the address is taken or not allowed
   */
  listen(address = '127.0.0.1:0'): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) => {
        if (error === null) {
          return resolve(address.startsWith('unix:') ? address : address.replace(/:\d+$/, `:${port}`));
        }
        const hint = 'choose another port, or 0 for a free one';
        const summary = `Nothing can be served at ${address}: ${error.message}`;
        reject(new RunnerError('RPC_NOT_LISTENING', summary, { hint, cause: error }));
      });
    });
  }

  /** Ends at once; calls under way are cancelled. */
  close(): void {
    this.#server.forceShutdown();
  }
}

type UnaryHandler = (request: object, metadata: Metadata) => Promise<object> | object;
type GatheringHandler = (requests: AsyncIterable<object>) => Promise<object>;
type StreamingHandler = (request: object, answers: ServerWritableStream<object, object>) => void;
type DuplexHandler = (stream: ServerDuplexStream<object, object>) => void;

function unaryCall(handler: UnaryHandler): UntypedHandleCall {
  return async ({ request, metadata }: ServerUnaryCall<object, object>, answer: sendUnaryData<object>) => {
    try {
      answer(null, await handler(request, metadata));
    } catch (error) {
      answer(failed(error));
    }
  };
}

function gatheringCall(handler: GatheringHandler): UntypedHandleCall {
  return async (call: ServerReadableStream<object, object>, answer: sendUnaryData<object>) => {
    try {
      answer(null, await handler(call));
    } catch (error) {
      answer(failed(error));
    }
  };
}

function streamingCall(handler: StreamingHandler): UntypedHandleCall {
  return (call: ServerWritableStream<object, object>) => {
    ignoreErrors(call);
    handler(call.request, call);
  };
}

function duplexCall(handler: DuplexHandler): UntypedHandleCall {
  return (call: ServerDuplexStream<object, object>) => {
    ignoreErrors(call);
    handler(call);
  };
}

function failed(error: unknown): { readonly code: status; readonly details: string } {
  return { code: status.INTERNAL, details: messageOf(error) };
}

/** A client that goes away makes its stream fail: that must not end the process where nobody listens for it. */
function ignoreErrors(stream: NodeJS.EventEmitter): void {
  stream.on('error', () => {});
}
