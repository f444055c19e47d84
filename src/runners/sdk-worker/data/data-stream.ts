import type { ClientDuplexStream } from '@grpc/grpc-js';
import { BeamFnData, type Elements } from '../../../model/fn-execution.ts';
import type { Init } from '../../../model/proto/message-type.ts';
import { RunnerError } from '../../../sdk/errors.ts';
import type { GrpcChannel } from '../../rpc/grpc-channel.ts';
import { BundleInbox } from './bundle-inbox.ts';

/** Bytes that wait for bundles at work, from which on nothing more is taken from the connection. */
const MAX_WAITING = 64 * 1024 * 1024;
/** Bundles that are over, of which elements that still come are dropped. */
const MAX_REMEMBERED = 10_000;

/** The elements of all bundles to and from one address of the data plane. */
export class DataStream {
  readonly #channel: GrpcChannel;
  readonly #call: ClientDuplexStream<Init<Elements>, Elements>;
  readonly #inboxes = new Map<string, BundleInbox>();
  /** Bundles that take what comes for them; what waits for others must not stop the connection. */
  readonly #open = new Set<BundleInbox>();
  readonly #over = new Set<string>();
  #failure: RunnerError | undefined;
  #drained: Promise<void> | undefined;

  constructor(channel: GrpcChannel) {
    this.#channel = channel;
    this.#call = channel.duplex(BeamFnData.data);
    this.#call.on('data', (elements: Elements) => this.receive(elements));
    this.#call.on('error', (cause) => this.#fail(channel.failure(BeamFnData.data, cause)));
    this.#call.on('end', () =>
      this.#fail(new RunnerError('RUNNER_GONE', `The runner has ended the data stream at ${channel.endpoint}`)),
    );
  }

  /** Takes elements that have come, here or as a part of an instruction. */
  receive({ data, timers }: Elements): void {
    for (const { instructionId, transformId, data: bytes, isLast } of data) {
      this.#inbox(instructionId)?.data(transformId, bytes, isLast);
    }
    for (const { instructionId, transformId, timerFamilyId, timers: bytes, isLast } of timers) {
      this.#inbox(instructionId)?.timers(transformId, timerFamilyId, bytes, isLast);
    }
    if (this.#waiting() > MAX_WAITING) this.#call.pause();
  }

  /**
   * What comes for a bundle that begins to take it.
   *
   * @param into takes that too, where the bundle reads from another address already
   */
  open(instruction: string, into?: BundleInbox): BundleInbox {
    const own = this.#inbox(instruction) as BundleInbox;
    if (into !== undefined && into !== own) {
      into.takeOver(own);
      this.#inboxes.set(instruction, into);
    }
    const inbox = into ?? own;
    this.#open.add(inbox);
    if (this.#failure !== undefined) inbox.fail(this.#failure);
    return inbox;
  }

  /** The bundle is over; what still comes for it is dropped. */
  close(instruction: string): void {
    const inbox = this.#inboxes.get(instruction);
    if (inbox === undefined) return;
    this.#inboxes.delete(instruction);
    this.#open.delete(inbox);
    inbox.close();
    this.#over.add(instruction);
    if (this.#over.size > MAX_REMEMBERED) for (const first of this.#over.keys().take(1)) this.#over.delete(first);
  }

  /** @throws RunnerError when the connection has broken */
  send(elements: Init<Elements>): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#call.write(elements)) return;
    this.#drained ??= new Promise((resolve) => {
      this.#call.once('drain', () => {
        this.#drained = undefined;
        resolve();
      });
    });
  }

  /** A promise while the other side takes less than it is sent. */
  get drained(): Promise<void> | undefined {
    return this.#drained;
  }

  /** Ends the connection. */
  end(): void {
    this.#call.end();
    this.#call.cancel();
    this.#channel.close();
  }

  #inbox(instruction: string): BundleInbox | undefined {
    if (this.#over.has(instruction)) return undefined;
    let inbox = this.#inboxes.get(instruction);
    if (inbox === undefined) {
      inbox = new BundleInbox(() => {
        if (this.#call.isPaused() && this.#waiting() < MAX_WAITING / 2) this.#call.resume();
      });
      this.#inboxes.set(instruction, inbox);
    }
    return inbox;
  }

  #waiting(): number {
    let bytes = 0;
    for (const inbox of this.#open) bytes += inbox.bytes;
    return bytes;
  }

  #fail(error: RunnerError): void {
    this.#failure ??= error;
    for (const inbox of this.#inboxes.values()) inbox.fail(this.#failure);
    // What waits for room waits no longer.
    this.#call.emit('drain');
  }
}
