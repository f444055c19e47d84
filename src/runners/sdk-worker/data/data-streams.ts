import type { GrpcChannel } from '../../rpc/grpc-channel.ts';
import type { BundleInbox, InboxStreams } from './bundle-inbox.ts';
import { BundleInboxes } from './bundle-inboxes.ts';
import { DataStream } from './data-stream.ts';

/** The data plane of a worker: a stream for each address, and what has come by all of them. */
export class DataStreams {
  readonly #connect: (endpoint: string) => GrpcChannel;
  readonly #byEndpoint = new Map<string, DataStream>();
  readonly #inboxes = new BundleInboxes((isFull) => {
    for (const stream of this.#byEndpoint.values()) stream.stand(isFull);
  });
  #isEnded = false;

  constructor(connect: (endpoint: string) => GrpcChannel) {
    this.#connect = connect;
  }

  /** The stream to an address: made when it is asked for first, and anew after it broke. */
  of(endpoint: string): DataStream {
    const known = this.#byEndpoint.get(endpoint);
    if (known !== undefined && !known.isBroken) return known;
    known?.end();
    const stream = new DataStream(this.#connect(endpoint), this.#inboxes);
    this.#byEndpoint.set(endpoint, stream);
    if (this.#isEnded) stream.end();
    return stream;
  }

  /**
   * What comes for a bundle that begins to take it.
   *
   * @param from the streams by which it comes
   * @throws RunnerError where a bundle had that id before, or a stream is broken
   */
  open(instruction: string, reads: InboxStreams, from: Iterable<DataStream>): BundleInbox {
    const inbox = this.#inboxes.open(instruction, reads);
    for (const stream of from) stream.feed(inbox);
    return inbox;
  }

  /** The bundle is over; what still comes for it is dropped. */
  close(instruction: string): void {
    this.#inboxes.close(instruction);
  }

  /** Drops what comes for a bundle that has failed, where it never began to take it. */
  drop(instruction: string): void {
    this.#inboxes.drop(instruction);
  }

  /** Ends all connections; later ones end at once. */
  end(): void {
    this.#isEnded = true;
    for (const stream of this.#byEndpoint.values()) stream.end();
  }
}
