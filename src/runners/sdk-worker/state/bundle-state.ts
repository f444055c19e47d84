import type { StateGetResponse, StateKey, StateResponse } from '../../../model/fn-execution.ts';
import type { Init } from '../../../model/pipeline.ts';
import { PipelineError } from '../../../sdk/errors.ts';
import type { StateCall, StateChannel } from './state-channel.ts';

const START = new Uint8Array();

/**
 * The runner's state on behalf of the bundle at hand: what user state, side inputs and iterables of one stage have in
 * common. One bundle at a time.
 */
export class BundleState {
  readonly #channelOf: () => StateChannel;
  #channel: StateChannel | undefined;
  #instruction: string | undefined;

  /** @param channelOf the stage's channel, asked for when a bundle needs it first */
  constructor(channelOf: () => StateChannel) {
    this.#channelOf = channelOf;
  }

  begin(instruction: string): void {
    this.#instruction = instruction;
  }

  /** One page of what is kept under a key. @throws RunnerError as {@link StateChannel.request} does */
  get(stateKey: Init<StateKey>, continuationToken: Uint8Array = START): StateGetResponse {
    return gotten(this.#open.request(this.#current, { stateKey, get: { continuationToken } }));
  }

  /** The first pages of many, asked for at once. */
  async fetch(stateKeys: readonly Init<StateKey>[]): Promise<readonly StateGetResponse[]> {
    if (stateKeys.length === 0) return [];
    const calls = stateKeys.map((stateKey) => ({ stateKey, get: { continuationToken: START } }));
    return (await this.#open.fetch(this.#current, calls)).map(gotten);
  }

  write(call: StateCall): void {
    this.#open.write(this.#current, call);
  }

  /** Comes back when all that was written is confirmed. @throws RunnerError when it is not */
  async flush(): Promise<void> {
    await this.#channel?.flush(this.#current);
  }

  /** The bundle is over, well or not. */
  end(): void {
    if (this.#instruction !== undefined) this.#channel?.forget(this.#instruction);
    this.#instruction = undefined;
    this.#channel = undefined;
  }

  get #open(): StateChannel {
    this.#channel ??= this.#channelOf();
    return this.#channel;
  }

  get #current(): string {
    if (this.#instruction !== undefined) return this.#instruction;
    throw new PipelineError('STATE_CLOSED', 'State or a side input is read after its bundle', {
      hint: 'what is read page by page can be read while its element is processed: copy it to keep it',
    });
  }
}

function gotten({ get }: StateResponse): StateGetResponse {
  return get ?? { continuationToken: START, data: START };
}
