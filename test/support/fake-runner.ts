/** A runner that drives one SDK worker by hand: it sends instructions and elements, and keeps what comes back. */
import type { ServerDuplexStream } from '@grpc/grpc-js';
import {
  BeamFnControl,
  BeamFnData,
  BeamFnLogging,
  BeamFnWorkerStatus,
  type Elements,
  type InstructionRequest,
  type InstructionResponse,
  type LogEntry,
  type LogEntryList,
  type ProcessBundleDescriptor,
  type WorkerStatusResponse,
} from '../../src/model/fn-execution.ts';
import type { Init } from '../../src/model/proto/message-type.ts';
import { GrpcServer } from '../../src/runners/rpc/grpc-server.ts';

/** What a worker has sent. */
interface Output {
  readonly parts: Uint8Array[];
  readonly ended: PromiseWithResolvers<void>;
}

export class FakeRunner {
  readonly descriptors = new Map<string, Init<ProcessBundleDescriptor>>();
  /** What the worker has sent, by instruction and transform. */
  readonly #received = new Map<string, Output>();
  endpoint = '';
  readonly #server = new GrpcServer();
  readonly #answers = new Map<string, (response: InstructionResponse) => void>();
  #control: ServerDuplexStream<InstructionResponse, Init<InstructionRequest>> | undefined;
  #data: ServerDuplexStream<Elements, Init<Elements>> | undefined;
  #takesNothing = false;
  readonly #early: Init<Elements>[] = [];
  readonly #connected = Promise.withResolvers<void>();
  readonly #dataConnected = Promise.withResolvers<void>();
  #count = 0;
  readonly logged: LogEntry[] = [];
  readonly #logListeners: ((message: string) => void)[] = [];
  readonly #status = Promise.withResolvers<(listener: (text: string) => void) => void>();
  #statusListener: ((text: string) => void) | undefined;

  /** The next message that the worker logs. */
  nextMessage(): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    if (this.logged.length > 0) resolve(this.logged[0].message);
    else this.#logListeners.push(resolve);
    return promise;
  }

  /** All that the worker has logged, once it is so many messages. */
  async messages(count: number): Promise<readonly LogEntry[]> {
    while (this.logged.length < count) await new Promise<string>((resolve) => this.#logListeners.push(resolve));
    return this.logged;
  }

  /** What the worker says of itself. */
  async askStatus(): Promise<string> {
    const ask = await this.#status.promise;
    return new Promise((resolve) => ask(resolve));
  }

  async start(): Promise<void> {
    this.#server.add(BeamFnControl, {
      control: (call: ServerDuplexStream<InstructionResponse, Init<InstructionRequest>>) => {
        this.#control = call;
        call.on('data', (response: InstructionResponse) => this.#answers.get(response.instructionId)?.(response));
        call.on('end', () => call.end());
        this.#connected.resolve();
      },
      getProcessBundleDescriptor: ({ processBundleDescriptorId }) =>
        this.descriptors.get(processBundleDescriptorId) ?? {},
    });
    this.#server.add(BeamFnData, {
      data: (call: ServerDuplexStream<Elements, Init<Elements>>) => {
        this.#data = call;
        this.#dataConnected.resolve();
        for (const elements of this.#early.splice(0)) call.write(elements);
        call.on('data', (elements: Elements) => this.#receive(elements));
        if (this.#takesNothing) call.pause();
        call.on('end', () => call.end());
      },
    });
    this.#server.add(BeamFnLogging, {
      logging: (call) => {
        call.on('data', ({ logEntries }: LogEntryList) => {
          this.logged.push(...logEntries);
          for (const { message } of logEntries) this.#logListeners.shift()?.(message);
        });
        call.on('end', () => call.end());
      },
    });
    this.#server.add(BeamFnWorkerStatus, {
      workerStatus: (call) => {
        call.on('data', ({ statusInfo }: WorkerStatusResponse) => this.#statusListener?.(statusInfo));
        call.on('end', () => call.end());
        this.#status.resolve((listener) => {
          this.#statusListener = listener;
          call.write({ id: 's' });
        });
      },
    });
    this.endpoint = await this.#server.listen();
  }

  get connected(): Promise<void> {
    return this.#connected.promise;
  }

  /** The worker has made a data stream. */
  get dataConnected(): Promise<void> {
    return this.#dataConnected.promise;
  }

  /** Sends an instruction; the answer comes when the worker is done with it. */
  instruct(request: Init<InstructionRequest>, id = `i${++this.#count}`): Promise<InstructionResponse> {
    const answer = new Promise<InstructionResponse>((resolve) => this.#answers.set(id, resolve));
    this.#control?.write({ instructionId: id, ...request });
    return answer;
  }

  /** Sends elements of a bundle, encoded. */
  send(instructionId: string, transformId: string, data: Uint8Array, isLast: boolean): void {
    const elements = { data: [{ instructionId, transformId, data, isLast }] };
    if (this.#data === undefined) this.#early.push(elements);
    else this.#data.write(elements);
  }

  /** Takes no elements from the worker, until `takeOn`. */
  takeNothing(): void {
    this.#takesNothing = true;
    this.#data?.pause();
  }

  takeOn(): void {
    this.#takesNothing = false;
    this.#data?.resume();
  }

  /** Breaks the data stream off; what is sent then goes by the next one. */
  breakData(): void {
    this.#data?.emit('error', { code: 14, details: 'broken off' });
    this.#data = undefined;
  }

  #receive({ data }: Elements): void {
    for (const { instructionId, transformId, data: bytes, isLast } of data) {
      const output = this.#output(instructionId, transformId);
      output.parts.push(bytes);
      if (isLast) output.ended.resolve();
    }
  }

  #output(instruction: string, transform: string): Output {
    const key = `${instruction} ${transform}`;
    let output = this.#received.get(key);
    if (output === undefined) this.#received.set(key, (output = { parts: [], ended: Promise.withResolvers<void>() }));
    return output;
  }

  /** Comes back when a transform of a bundle has said that it emits no more. */
  ended(instruction: string, transform: string): Promise<void> {
    return this.#output(instruction, transform).ended.promise;
  }

  /** All that a transform of a bundle has emitted, when it has said that this is all. */
  async outputOf(instruction: string, transform: string): Promise<Uint8Array> {
    await this.ended(instruction, transform);
    const { parts } = this.#output(instruction, transform);
    return Buffer.concat(parts);
  }

  /** Ends the control stream, as a runner does when a job is over. */
  end(): void {
    this.#control?.end();
  }

  stop(): void {
    this.#server.close();
  }
}
