import {
  type Init,
  type ParDoPayload,
  type StateSpec,
  TimeDomain,
  type TimerFamilySpec,
} from '../../model/pipeline.ts';
import { RequirementUrn, UserStateUrn } from '../../model/urns.ts';
import { bytesCoder } from '../coders/bytes-coder.ts';
import type { Coder } from '../coders/coder.ts';
import { kvCoder } from '../coders/kv-coder.ts';
import { nullableCoder } from '../coders/nullable-coder.ts';
import { TimerCoder } from '../coders/timer-coder.ts';
import { timestampCoder } from '../coders/timestamp-coder.ts';
import { type StatefulDoFn, statefulDoFn } from '../state/check-stateful.ts';
import type { StateLayout, StateSpecs } from '../state/state-spec.ts';
import type { CollectionNode, TransformNode } from './graph.ts';
import type { ProtoComponents } from './proto-components.ts';
import { MillraceUrn } from './proto-urns.ts';

/** Timer family by which a DoFn is told that a window expires: it sets one timer for each key and window that it has seen. */
export const EXPIRATION_FAMILY = 'millrace:on_window_expiration';

/** Where the elements of a DoFn wait that wants them sorted by time: its states, and the timer family of their turns. */
export const SORTING = {
  family: 'millrace:sorted_input',
  elements: 'millrace:sorted_input',
  times: 'millrace:sorted_input_times',
} as const;

/** The states of a DoFn, its own and those that it has for the sake of the order of its input. */
export function statesOf({ state = {}, requiresTimeSortedInput = false }: StatefulDoFn): StateSpecs {
  if (!requiresTimeSortedInput) return state;
  return {
    ...state,
    [SORTING.elements]: { kind: 'bag', coder: bytesCoder as Coder<unknown> },
    [SORTING.times]: { kind: 'value', coder: sortingTimes as Coder<unknown> },
  };
}

/** The timestamp of the first element that waits, if one does, and the time until which others have had their turns. */
const sortingTimes = kvCoder(nullableCoder(timestampCoder), timestampCoder);

/** What a runner must know about a DoFn's state and timers: fields of its ParDoPayload, and what they require. */
export function userStateProto(
  node: TransformNode,
  components: ProtoComponents,
  input: CollectionNode,
): { readonly payload: Partial<Init<ParDoPayload>>; readonly requirements: readonly string[] } {
  const { spec, name } = node;
  const requirements: string[] = [];
  const stable = spec?.kind === 'parDo' && spec.fn.kind === 'doFn' && spec.fn.fn.requiresStableInput === true;
  if (stable) requirements.push(RequirementUrn.REQUIRES_STABLE_INPUT);
  const fn = statefulDoFn(spec);
  if (fn === undefined) return { payload: { requiresStableInput: stable }, requirements };

  requirements.push(RequirementUrn.REQUIRES_STATEFUL_PROCESSING);
  const stateSpecs: Record<string, Init<StateSpec>> = {};
  for (const [local, state] of Object.entries(statesOf(fn))) {
    stateSpecs[local] = stateProto(state, components, `${name}#${local}`);
  }
  const [keyCoder] = input.coder.components;
  const timerCoder = new TimerCoder(keyCoder, components.windowCoder(input.windowing.windowFn)) as Coder<unknown>;
  const timerFamilyCoderId = components.coder(timerCoder);
  const timerFamilySpecs: Record<string, Init<TimerFamilySpec>> = {};
  for (const [local, { domain }] of Object.entries(fn.timers ?? {})) {
    const timeDomain = domain === 'event' ? TimeDomain.EVENT_TIME : TimeDomain.PROCESSING_TIME;
    timerFamilySpecs[local] = { timeDomain, timerFamilyCoderId };
  }
  // Runners that are asked to tell by themselves may not do it: Flink takes the requirement and forgets it.
  if (fn.onWindowExpiration !== undefined) {
    timerFamilySpecs[EXPIRATION_FAMILY] = { timeDomain: TimeDomain.EVENT_TIME, timerFamilyCoderId };
  }
  if (fn.requiresTimeSortedInput === true) {
    timerFamilySpecs[SORTING.family] = { timeDomain: TimeDomain.EVENT_TIME, timerFamilyCoderId };
  }
  return {
    payload: {
      stateSpecs,
      timerFamilySpecs,
      requiresStableInput: stable,
    },
    requirements,
  };
}

/**
 * All states are kept in bags: no runner knows all other kinds, and those that know some have errors in them. What is
 * neither a value, a bag nor an accumulator is kept as a history, whose items only a harness of ours understands.
 *
 * @param id tells the CombineFn of a state from others
 */
function stateProto(state: StateLayout, components: ProtoComponents, id: string): Init<StateSpec> {
  const protocol = { urn: UserStateUrn.BAG };
  switch (state.kind) {
    case 'value':
      return { readModifyWriteSpec: { coderId: components.coder(state.coder) }, protocol };
    case 'bag':
      return { bagSpec: { elementCoderId: components.coder(state.coder) }, protocol };
    case 'combining':
      return {
        combiningSpec: {
          accumulatorCoderId: components.coder(state.coder),
          combineFn: { urn: MillraceUrn.COMBINE_FN, payload: Buffer.from(id, 'utf8') },
        },
        protocol,
      };
    default:
      return { bagSpec: { elementCoderId: components.coder(bytesCoder as Coder<unknown>) }, protocol };
  }
}
