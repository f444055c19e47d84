import type { Coder } from '../coders/coder.ts';
import { defaultCoder } from '../coders/default-coder.ts';
import { PipelineError } from '../errors.ts';
import { checkMisspelt } from '../options/check-misspelt.ts';
import type { PCollection } from '../pipeline/p-collection.ts';
import type { PTransform } from '../pipeline/p-transform.ts';
import { checkStateful, type StatefulDoFn } from '../state/check-stateful.ts';
import type { StateSpecs } from '../state/state-spec.ts';
import type { TimerSpecs } from '../state/timer.ts';
import type { Window } from '../windows/window.ts';
import type { OutputTags, SideInputs } from './do-fn.ts';
import { checkTag, type ParDoOutput, sidesOf } from './par-do.ts';
import type { SplittableDoFn } from './splittable-do-fn.ts';

/** The compiler sees to it that none is missing. */
const MEMBERS = Object.keys({
  restriction: true,
  sides: true,
  outputs: true,
  state: true,
  timers: true,
  unbounded: true,
  watermark: true,
  coder: true,
  requestsFinalization: true,
  setup: true,
  process: true,
  onTimer: true,
  onWindowExpiration: true,
  teardown: true,
} satisfies { readonly [P in keyof Required<SplittableDoFn<unknown, unknown, unknown, unknown>>]: true });

/**
 * Applies a splittable DoFn: how sources read files and other divisible inputs. The result is what {@link parDo} gives: its
 * collection of outputs, or an object with the main output as `main` and each tag's collection by its name.
 *
 * With `state` or `timers` it works per key and window: see {@link SplittableDoFn.state}.
 *
 * @throws PipelineError what {@link checkStateful} throws; `DO_FN_INVALID` without a `process` method or a restriction, `MEMBER_UNKNOWN`, `SIDE_INPUT_INVALID`, `OUTPUT_NAME`
 */
export function splittableParDo<
  T,
  R,
  P,
  O,
  D extends SideInputs = {},
  X extends OutputTags = {},
  W extends Window = Window,
  S extends StateSpecs = {},
  M extends TimerSpecs = {},
>(
  name: string,
  // The window type is that of the input, whatever other windows the DoFn takes.
  fn: SplittableDoFn<T, R, P, O, D, X, NoInfer<W>, S, M>,
): PTransform<PCollection<T, W>, ParDoOutput<O, X, W>> {
  return {
    name,
    expand(input) {
      if (typeof fn?.process !== 'function' || typeof fn.restriction?.tracker !== 'function') {
        throw new PipelineError('DO_FN_INVALID', `The splittable DoFn of '${name}' has no process or no restriction`, {
          hint: "splittableParDo('what it reads', { restriction: { coder, initial, tracker }, *process(element, context) { … } })",
        });
      }
      checkMisspelt(`the splittable DoFn of '${name}'`, fn, MEMBERS);
      checkTag(name, fn.outputs, 'main', 'what process yields');
      checkStateful(name, fn as unknown as StatefulDoFn, input.node);
      const tags: Record<string, Coder<unknown>> = {
        main: (fn.coder as Coder<unknown> | undefined) ?? defaultCoder,
        ...fn.outputs,
      };
      const splittable = fn as unknown as SplittableDoFn<never, unknown, unknown, unknown>;
      const outputs = input.pipeline.primitive(
        input,
        {
          kind: 'parDo',
          fn: { kind: 'splittable', fn: splittable },
          sides: sidesOf(fn.sides ?? {}, input.pipeline),
        },
        tags,
      );
      return (Object.keys(tags).length === 1 ? outputs.main : outputs) as ParDoOutput<O, X, W>;
    },
  };
}
