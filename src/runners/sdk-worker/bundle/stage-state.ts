import type { ProcessBundleDescriptor } from '../../../model/fn-execution.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { RunnerError } from '../../../sdk/errors.ts';
import { statefulDoFn } from '../../../sdk/state/check-stateful.ts';
import type { Window } from '../../../sdk/windows/window.ts';
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

  sideInputs({ sides, graph, windowCoders }: DescriptorStage): RemoteSideInputs {
    return new RemoteSideInputs({
      sides: sides.flatMap(({ transform, id, local, collection }) => {
        const node = graph.collections.get(collection);
        if (node === undefined) return [];
        const { windowFn } = node.windowing;
        const windowCoder = windowCoders.get(collection) ?? (windowFn.coder as Coder<Window>);
        return [{ transform, transformId: id, local, windowFn, windowCoder, elementCoder: node.coder }];
      }),
      bundle: this.bundle,
      cache: this.#environment.sideInputs,
      strict: this.#environment.strict,
    });
  }

  /** @param timers takes those that the DoFn sets */
  keyed({ stateful, graph }: DescriptorStage, timers: TimerOutput): FnKeyedStep | undefined {
    if (stateful === undefined) return undefined;
    const { name, id, keyCoder, windowCoder, allowedLateness } = stateful;
    const fn = statefulDoFn(graph.transforms.get(name)?.spec);
    if (fn === undefined) throw new Error(`${name} has no state`);
    return new FnKeyedStep({
      transform: name,
      transformId: id,
      fn,
      allowedLateness,
      keyCoder,
      windowCoder,
      bundle: this.bundle,
      cache: this.#environment.userStates,
      timers,
      now: this.#environment.now,
    });
  }
}
