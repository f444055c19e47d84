import { type GrpcService, grpcService, type MethodDefinitions } from './grpc-service.ts';
import { MessageType } from './message-type.ts';
import { registerEnum } from './registry.ts';

/** Defines the types of one proto package; the generated modules are written with it. Names are relative to it. */
export interface ProtoPackage {
  message<T extends object>(name: string, definition?: string): MessageType<T>;
  /** An enum: its numbers by name, as given. */
  enumeration<const T extends Readonly<Record<string, number>>>(name: string, numbers: T): T;
  service<M extends MethodDefinitions>(name: string, methods: M): GrpcService<M>;
}

export function protoPackage(packageName: string): ProtoPackage {
  return {
    message: (name, definition = '') => new MessageType(packageName, name, definition),
    enumeration(name, numbers) {
      registerEnum(`${packageName}.${name}`, numbers);
      return numbers;
    },
    service: (name, methods) => grpcService(`${packageName}.${name}`, methods),
  };
}
