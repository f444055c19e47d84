import { StateRequest, StateResponse } from '../../../model/fn-execution.ts';
import type { Init } from '../../../model/pipeline.ts';
import { RunnerError } from '../../../sdk/errors.ts';
import { ownedBytes } from './owned-bytes.ts';

/** What is asked of a runner's state service; the channel adds who asks. */
export type StateCall = Pick<Init<StateRequest>, 'stateKey' | 'get' | 'append' | 'clear'>;

/** What a channel needs of the thread that holds its stream. */
export interface StateChannelHost {
  /** The bytes are given away. */
  send(bytes: Uint8Array): void;
  /** Takes what has come, or blocks for so long; false when that was in vain. */
  receive(millis: number): boolean;
  /** Says that answers are awaited without blocking, or no more. */
  hold(isHeld: boolean): void;
  /** Whether the runner has stopped the worker. */
  isStopped(): boolean;
}

/** Bytes of writes that the runner has not confirmed yet; with more, a write waits. */
const MAX_UNCONFIRMED = 16 * 1024 * 1024;

interface Pending {
  readonly instruction: string;
  readonly bytes: number;
  answered(response: StateResponse): void;
}

/** Writes of one bundle that are on their way. */
interface Writes {
  open: number;
  failure: RunnerError | undefined;
  settled: (() => void) | undefined;
}

/**
 * One state stream. User code is answered at once: the thread blocks until the runner has answered. A runner takes
 * requests in the order in which they were made, so what is read after a write has it.
 */
export class StateChannel {
  readonly #endpoint: string;
  readonly #answerMillis: number;
  readonly #host: StateChannelHost;
  readonly #pending = new Map<string, Pending>();
  readonly #writes = new Map<string, Writes>();
  readonly #waiting = new Set<(error: RunnerError) => void>();
  #unconfirmed = 0;
  #requests = 0;
  #broken: RunnerError | undefined;

  constructor(endpoint: string, answerMillis: number, host: StateChannelHost) {
    this.#endpoint = endpoint;
    this.#answerMillis = answerMillis;
    this.#host = host;
  }

  /** Whether the stream has ended; another must be made. */
  get isBroken(): boolean {
    return this.#broken !== undefined;
  }

  /**
   * Asks and blocks for the answer.
   *
   * @throws RunnerError `STATE_FAILED` with what the runner says, `STATE_TIMEOUT` when it says nothing for a minute,
   * `STATE_CLOSED` or `RPC_…` when the stream has ended
   */
  request(instruction: string, call: StateCall): StateResponse {
    let answer: StateResponse | undefined;
    const id = this.#send(instruction, call, (response) => {
      answer = response;
    });
    this.#block(() => answer !== undefined, id);
    return checked(answer as unknown as StateResponse);
  }

  /** Sends a change without waiting; `flush` tells whether it was accepted. */
  write(instruction: string, call: StateCall): void {
    const writes = this.#writes.get(instruction) ?? { open: 0, failure: undefined, settled: undefined };
    this.#writes.set(instruction, writes);
    if (writes.failure !== undefined) throw writes.failure;
    writes.open++;
    this.#send(instruction, call, (response) => {
      if (response.error !== '') writes.failure ??= refused(response.error);
      if (--writes.open === 0) writes.settled?.();
    });
    if (this.#unconfirmed > MAX_UNCONFIRMED) this.#block(() => this.#unconfirmed <= MAX_UNCONFIRMED / 2);
  }

  /** Comes back when the runner has confirmed all writes of the bundle. @throws RunnerError as `request` does */
  async flush(instruction: string): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken;
    const writes = this.#writes.get(instruction);
    if (writes === undefined) return;
    try {
      if (writes.open > 0) {
        await this.#await<void>((resolve) => {
          writes.settled = resolve;
        });
      }
      if (writes.failure !== undefined) throw writes.failure;
    } finally {
      this.#writes.delete(instruction);
    }
  }

  /** Asks many things at once, and blocks nobody. @throws RunnerError as `request` does */
  async fetch(instruction: string, calls: readonly StateCall[]): Promise<readonly StateResponse[]> {
    if (calls.length === 0) return [];
    const responses = new Array<StateResponse>(calls.length);
    let left = calls.length;
    await this.#await<void>((resolve) => {
      calls.forEach((call, i) => {
        this.#send(instruction, call, (response) => {
          responses[i] = response;
          if (--left === 0) resolve();
        });
      });
    });
    return responses.map(checked);
  }

  /** A bundle is over, whatever came of it: what is still on its way for it is nobody's business any more. */
  forget(instruction: string): void {
    this.#writes.delete(instruction);
    for (const [id, { instruction: owner, bytes }] of this.#pending) {
      if (owner !== instruction) continue;
      this.#pending.delete(id);
      this.#unconfirmed -= bytes;
    }
  }

  // What the host tells.

  receive(bytes: Uint8Array): void {
    const response = StateResponse.decode(bytes);
    const pending = this.#pending.get(response.id);
    if (pending === undefined) return;
    this.#pending.delete(response.id);
    this.#unconfirmed -= pending.bytes;
    pending.answered(response);
  }

  fail(error: RunnerError): void {
    if (this.#broken !== undefined) return;
    this.#broken = error;
    this.#pending.clear();
    this.#writes.clear();
    this.#unconfirmed = 0;
    for (const reject of this.#waiting) reject(error);
  }

  #send(instruction: string, call: StateCall, answered: (response: StateResponse) => void): string {
    if (this.#broken !== undefined) throw this.#broken;
    const id = String(this.#requests++);
    const bytes = ownedBytes(StateRequest.encode({ ...call, id, instructionId: instruction }));
    const size = call.get === undefined ? bytes.length : 0;
    this.#pending.set(id, { instruction, bytes: size, answered });
    this.#unconfirmed += size;
    this.#host.send(bytes);
    return id;
  }

  #block(isDone: () => boolean, request?: string): void {
    const end = Date.now() + this.#answerMillis;
    while (!isDone()) {
      if (this.#broken !== undefined) throw this.#broken;
      const left = end - Date.now();
      if (left > 0 && this.#host.receive(left)) continue;
      if (request !== undefined) this.#pending.delete(request);
      throw this.#host.isStopped() ? stopped(this.#endpoint) : this.#timeout();
    }
  }

  async #await<T>(begin: (resolve: (value: T) => void) => void): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const timer = setTimeout(() => reject(this.#timeout()), this.#answerMillis);
    this.#waiting.add(reject);
    this.#host.hold(true);
    try {
      begin(resolve);
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(reject);
      this.#host.hold(false);
    }
  }

  #timeout(): RunnerError {
    const seconds = Math.round(this.#answerMillis / 1000);
    return new RunnerError('STATE_TIMEOUT', `The runner has not answered about state for ${seconds} s`, {
      resource: this.#endpoint,
      hint: 'look whether the runner is overloaded or hangs',
    });
  }
}

function checked(response: StateResponse): StateResponse {
  if (response.error !== '') throw refused(response.error);
  return response;
}

function stopped(resource: string): RunnerError {
  return new RunnerError('STATE_CLOSED', 'The runner has stopped the worker and does not answer about state', {
    resource,
  });
}

function refused(said: string): RunnerError {
  return new RunnerError('STATE_FAILED', `The runner refuses a request about state: ${said}`);
}
