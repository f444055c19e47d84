import type { Init, MessageType } from './message-type.ts';

/** A method as the generated modules write it. */
export interface MethodDefinition<Request extends object, Response extends object> {
  /** As in the proto file, e.g. `GetState`. */
  readonly name: string;
  readonly request: MessageType<Request>;
  readonly response: MessageType<Response>;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
}

/** A method as `@grpc/grpc-js` takes it in a service definition, for clients and servers. */
export interface GrpcMethod<Request extends object, Response extends object> {
  /** `/package.Service/Method`. */
  readonly path: string;
  readonly originalName: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly requestSerialize: (message: Init<Request>) => Buffer;
  readonly requestDeserialize: (bytes: Uint8Array) => Request;
  readonly responseSerialize: (message: Init<Response>) => Buffer;
  readonly responseDeserialize: (bytes: Uint8Array) => Response;
}

// biome-ignore lint/suspicious/noExplicitAny: methods of all types stand in one record.
export type MethodDefinitions = Readonly<Record<string, MethodDefinition<any, any>>>;

/** The methods of a service by their names in lower camel case. */
export type GrpcService<M extends MethodDefinitions> = {
  readonly [K in keyof M]: M[K] extends MethodDefinition<infer Request, infer Response>
    ? GrpcMethod<Request, Response>
    : never;
};

export function grpcService<M extends MethodDefinitions>(serviceName: string, methods: M): GrpcService<M> {
  const entries = Object.entries(methods).map(([property, method]) => [property, grpcMethod(serviceName, method)]);
  return Object.fromEntries(entries);
}

function grpcMethod<Request extends object, Response extends object>(
  serviceName: string,
  { name, request, response, requestStream, responseStream }: MethodDefinition<Request, Response>,
): GrpcMethod<Request, Response> {
  return {
    path: `/${serviceName}/${name}`,
    originalName: name,
    requestStream,
    responseStream,
    requestSerialize: (message) => asBuffer(request.encode(message)),
    requestDeserialize: (bytes) => request.decode(bytes),
    responseSerialize: (message) => asBuffer(response.encode(message)),
    responseDeserialize: (bytes) => response.decode(bytes),
  };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
