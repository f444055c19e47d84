import type { ProcessBundleDescriptor } from '../../../model/fn-execution.ts';
import { RunnerError } from '../../../sdk/errors.ts';
import type { DescriptorStage } from '../descriptor/descriptor-stage.ts';
import { BundleState } from '../state/bundle-state.ts';
import type { TimerOutput } from '../state/bundle-timers.ts';
import { FnKeyedStep } from '../state/fn-keyed-step.ts';
import { RemoteSideInputs } from '../state/remote-side-inputs.ts';
import type { SideInputCache } from '../state/side-input-cache.ts';
import type { StateChannels } from '../state/state-channels.ts';
import type { UserStateCache } from '../state/user-state-cache.ts';

/** What all stages of a worker share of what runners keep. */
export interface StateEnvironment {
  readonly channels: StateChannels;
  readonly userStates: UserStateCache;
  readonly sideInputs: SideInputCache;
  /** Processing time. */
  now(): number;
  readonly strict: boolean;
}

/** What the runner keeps for one stage: user state with timers, side inputs, large groups. */
export class StageState {
  readonly bundle: BundleState;
  readonly #environment: StateEnvironment;

  /** @param descriptor names the endpoint */
  constructor(descriptor: ProcessBundleDescriptor, environment: StateEnvironment) {
    this.#environment = environment;
    const endpoint = descriptor.stateApiServiceDescriptor?.url;
    this.bundle = new BundleState(() => {
      if (endpoint !== undefined && endpoint !== '') return environment.channels.of(endpoint);
      throw new RunnerError('FN_API_INVALID', `The stage '${descriptor.id}' needs state, and has no endpoint for it`);
    });
  }

  sideInputs({ sides }: DescriptorStage): RemoteSideInputs {
    const { sideInputs: cache, strict } = this.#environment;
    return new RemoteSideInputs({ sides, bundle: this.bundle, cache, strict });
  }

  /** @param timers takes those that the DoFn sets */
  keyed({ stateful }: DescriptorStage, timers: TimerOutput): FnKeyedStep | undefined {
    if (stateful === undefined) return undefined;
    const { name, id, ...shape } = stateful;
    return new FnKeyedStep({
      ...shape,
      transform: name,
      transformId: id,
      bundle: this.bundle,
      cache: this.#environment.userStates,
      timers,
      now: this.#environment.now,
    });
  }
}
