import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { RunnerError } from '../../../sdk/errors.ts';
import { StateChannel, type StateChannelHost } from './state-channel.ts';
import type { FromStateThread, StateThreadData, ToStateThread } from './state-messages.ts';
import { WakeSignal } from './wake-signal.ts';

/** How long a request may go without an answer: a runner may have to read state back from its store. */
const ANSWER_MILLIS = 60_000;
/** Time that the thread has to end by itself. */
const CLOSE_MILLIS = 2000;

const entry = new URL('./state-thread.ts', import.meta.url);

export interface StateChannelsOptions {
  /** By which the runner knows this harness. */
  readonly workerId: string;
  /** How long a request may go without an answer; default a minute. */
  readonly answerMillis?: number;
}

/** The state streams of this thread, one per endpoint; another thread, started with the first, holds them. */
export class StateChannels {
  readonly #workerId: string;
  readonly #answerMillis: number;
  readonly #byEndpoint = new Map<string, StateChannel>();
  readonly #byStream = new Map<number, StateChannel>();
  /**
   * By which another thread that knows that the runner has stopped the worker says so to this one: it may be blocked, waiting
   * for an answer that will never come.
   */
  readonly signal = new WakeSignal();
  #thread: StateThread | undefined;
  #streams = 0;

  constructor({ workerId, answerMillis = ANSWER_MILLIS }: StateChannelsOptions) {
    this.#workerId = workerId;
    this.#answerMillis = answerMillis;
  }

  /** The channel to an endpoint: made when it is asked for first, and anew after its stream broke. */
  of(endpoint: string): StateChannel {
    const known = this.#byEndpoint.get(endpoint);
    if (known !== undefined && !known.isBroken) return known;
    this.#thread ??= new StateThread(
      this.#workerId,
      this.signal,
      (message) => this.#receive(message),
      (error) => this.#lost(error),
    );
    const thread = this.#thread;
    const stream = this.#streams++;
    const host: StateChannelHost = {
      send: (bytes) => thread.send({ type: 'request', stream, bytes }),
      receive: (millis) => thread.receive(millis),
      hold: (isHeld) => thread.hold(isHeld),
      isStopped: () => this.signal.isStopped,
    };
    const channel = new StateChannel(endpoint, this.#answerMillis, host);
    thread.send({ type: 'open', stream, endpoint });
    this.#byEndpoint.set(endpoint, channel);
    this.#byStream.set(stream, channel);
    return channel;
  }

  #receive(message: FromStateThread): void {
    const channel = this.#byStream.get(message.stream);
    if (message.type === 'response') return channel?.receive(message.bytes);
    this.#byStream.delete(message.stream);
    const { code, summary, hint, resource } = message.error;
    channel?.fail(new RunnerError(code, summary, { ...(hint && { hint }), ...(resource && { resource }) }));
  }

  #lost(cause: unknown): void {
    this.#thread = undefined;
    const error = new RunnerError('STATE_CLOSED', 'The thread that holds the state streams has ended', { cause });
    for (const channel of this.#byStream.values()) channel.fail(error);
    this.#byStream.clear();
  }

  /** Ends all streams; what waits for an answer fails. */
  async close(): Promise<void> {
    const thread = this.#thread;
    this.#lost(undefined);
    await thread?.end();
  }
}

/** The thread and the way to talk to it. */
class StateThread {
  readonly #port: MessagePort;
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  readonly #onMessage: (message: FromStateThread) => void;
  readonly #signal: WakeSignal;
  #holds = 0;

  constructor(
    workerId: string,
    signal: WakeSignal,
    onMessage: (message: FromStateThread) => void,
    onLost: (error: unknown) => void,
  ) {
    this.#signal = signal;
    const { port1, port2 } = new MessageChannel();
    const data: StateThreadData = { port: port2, signal: signal.memory, workerId };
    this.#worker = new Worker(entry, { name: 'millrace state', workerData: data, transferList: [port2] });
    this.#onMessage = onMessage;
    let failure: unknown;
    this.#worker.on('error', (error) => {
      failure = error;
    });
    this.#exited = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        port1.close();
        resolve();
        onLost(failure);
      });
    });
    this.#port = port1.on('message', onMessage);
    // Alone it keeps no program alive.
    this.#worker.unref();
    this.#port.unref();
  }

  send(message: ToStateThread): void {
    this.#port.postMessage(message, message.type === 'request' ? [message.bytes.buffer as ArrayBuffer] : []);
  }

  /** Takes what has come; where nothing has, blocks until something does. False after so many milliseconds. */
  receive(millis: number): boolean {
    const before = this.#signal.posted;
    let next = receiveMessageOnPort(this.#port);
    if (next === undefined) {
      if (this.#signal.isStopped || !this.#signal.wait(before, millis)) return false;
      next = receiveMessageOnPort(this.#port);
    }
    for (; next !== undefined; next = receiveMessageOnPort(this.#port)) this.#onMessage(next.message);
    return true;
  }

  /** Keeps the program alive as long as somebody waits for an answer. */
  hold(isHeld: boolean): void {
    this.#holds += isHeld ? 1 : -1;
    if (this.#holds > 0) this.#port.ref();
    else this.#port.unref();
  }

  async end(): Promise<void> {
    this.send({ type: 'end' });
    const force = setTimeout(() => void this.#worker.terminate(), CLOSE_MILLIS);
    await this.#exited;
    clearTimeout(force);
  }
}
