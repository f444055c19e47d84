import { setLogger } from '@grpc/grpc-js';

/** Gives what the gRPC library has to say (`GRPC_VERBOSITY`, `GRPC_TRACE`) to a function other than `console.error`. */
export function printGrpcLogBy(print: typeof console.error): void {
  setLogger({
    error: (text: unknown, ...more: unknown[]) => print(`E ${text}`, ...more),
    info: (text: unknown, ...more: unknown[]) => print(`I ${text}`, ...more),
    debug: (text: unknown, ...more: unknown[]) => print(`D ${text}`, ...more),
  });
}
