import type { ClientDuplexStream } from '@grpc/grpc-js';
import { BeamFnData, type Elements } from '../../../model/fn-execution.ts';
import type { Init } from '../../../model/proto/message-type.ts';
import { RunnerError } from '../../../sdk/errors.ts';
import type { GrpcChannel } from '../../rpc/grpc-channel.ts';
import type { BundleInbox } from './bundle-inbox.ts';
import type { BundleInboxes } from './bundle-inboxes.ts';

/** The elements of all bundles to and from one address of the data plane. */
export class DataStream {
  readonly #channel: GrpcChannel;
  readonly #call: ClientDuplexStream<Init<Elements>, Elements>;
  readonly #inboxes: BundleInboxes;
  #failure: RunnerError | undefined;
  #drained: Promise<void> | undefined;

  /** @param inboxes takes what comes */
  constructor(channel: GrpcChannel, inboxes: BundleInboxes) {
    this.#channel = channel;
    this.#inboxes = inboxes;
    this.#call = channel.duplex(BeamFnData.data);
    this.#call.on('data', (elements: Elements) => this.receive(elements));
    this.#call.on('error', (cause) => this.#fail(channel.failure(BeamFnData.data, cause)));
    this.#call.on('end', () =>
      this.#fail(new RunnerError('RUNNER_GONE', `The runner has ended the data stream at ${channel.endpoint}`)),
    );
    if (inboxes.isFull) this.#call.pause();
  }

  get isBroken(): boolean {
    return this.#failure !== undefined;
  }

  /** Takes nothing more from the connection, or goes on. */
  stand(isStill: boolean): void {
    if (isStill) this.#call.pause();
    else this.#call.resume();
  }

  /**
   * Takes elements that have come, here or as a part of an instruction. Flink gathers timers and elements for one message; those
   * of event time are due when a bundle begins, for the watermark waits while it goes on.
   */
  receive({ data, timers }: Elements): void {
    for (const { instructionId, transformId, timerFamilyId, timers: bytes, isLast } of timers) {
      this.#inbox(instructionId)?.timers(transformId, timerFamilyId, bytes, isLast);
    }
    for (const { instructionId, transformId, data: bytes, isLast } of data) {
      this.#inbox(instructionId)?.data(transformId, bytes, isLast);
    }
    this.#inboxes.weigh();
  }

  /** Makes the inbox fail when the connection breaks. */
  feed(inbox: BundleInbox): BundleInbox {
    inbox.readFrom(this);
    if (this.#failure !== undefined) inbox.fail(this.#failure);
    return inbox;
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
    const inbox = this.#inboxes.of(instruction);
    return inbox === undefined ? undefined : this.feed(inbox);
  }

  #fail(error: RunnerError): void {
    this.#failure ??= error;
    this.#inboxes.fail(this, this.#failure);
    // What waits for room waits no longer.
    this.#call.emit('drain');
  }
}
