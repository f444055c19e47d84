/** The thread that holds the state streams; it runs no user code, so it always has time for what comes in. */
import { workerData } from 'node:worker_threads';
import { BeamFnState } from '../../../model/fn-execution.ts';
import type { GrpcMethod } from '../../../model/proto/grpc-service.ts';
import { GrpcChannel } from '../../rpc/grpc-channel.ts';
import { ownedBytes } from './owned-bytes.ts';
import type { FromStateThread, StateThreadData, ToStateThread } from './state-messages.ts';
import { WakeSignal } from './wake-signal.ts';

const { port, signal: memory, workerId } = workerData as StateThreadData;
const signal = new WakeSignal(memory);

/** How long a runner may take to end a stream that has been closed. */
const END_MILLIS = 500;

/** Messages pass through as they are: who waits for them encodes and decodes. */
const METHOD: GrpcMethod<Uint8Array, Uint8Array> = {
  ...BeamFnState.state,
  requestSerialize: asBuffer,
  requestDeserialize: (bytes) => bytes,
  responseSerialize: asBuffer,
  responseDeserialize: (bytes) => bytes,
};

interface OpenStream {
  write(bytes: Uint8Array): void;
  close(): void;
}

const streams = new Map<number, OpenStream>();

port.on('message', (message: ToStateThread) => {
  switch (message.type) {
    case 'open':
      streams.set(message.stream, open(message.stream, message.endpoint));
      return;
    case 'request':
      streams.get(message.stream)?.write(message.bytes);
      return;
    case 'close':
      streams.get(message.stream)?.close();
      streams.delete(message.stream);
      return;
    case 'end':
      for (const stream of streams.values()) stream.close();
      port.close();
  }
});

function open(stream: number, endpoint: string): OpenStream {
  const channel = new GrpcChannel(endpoint, { metadata: { worker_id: workerId } });
  const call = channel.duplex(METHOD);
  let isOver = false;
  const over = (cause: unknown): void => {
    if (isOver) return;
    isOver = true;
    streams.delete(stream);
    channel.close();
    const { code, summary, context } = channel.failure(METHOD, cause);
    const { hint, resource } = context;
    post({ type: 'over', stream, error: { code, summary, hint, resource } });
  };
  call.on('data', (bytes: Uint8Array) => {
    const owned = ownedBytes(bytes);
    post({ type: 'response', stream, bytes: owned }, owned.buffer);
  });
  call.on('error', over);
  call.on('end', () => over(new Error('the runner has ended the stream')));
  return {
    write: (bytes) => call.write(bytes as never),
    close() {
      isOver = true;
      // Node dies of a thread that is ended while it reads, so streams end here, with or without the runner.
      const force = setTimeout(() => call.cancel(), END_MILLIS);
      call.on('status', () => clearTimeout(force));
      call.end();
      channel.close();
    },
  };
}

function post(message: FromStateThread, transfer?: ArrayBuffer): void {
  port.postMessage(message, transfer === undefined ? [] : [transfer]);
  // Whoever waits must find the message when it wakes up.
  signal.post();
}

function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
