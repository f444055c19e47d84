import type { Coder, Infer } from '../coders/coder.ts';
import { defaultCoder } from '../coders/default-coder.ts';
import { PipelineError } from '../errors.ts';
import { LATE_OUTPUT, type SideInputNode, type TransformSpec } from '../graph/graph.ts';
import { checkMisspelt } from '../options/check-misspelt.ts';
import type { PCollection } from '../pipeline/p-collection.ts';
import type { PTransform } from '../pipeline/p-transform.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import { checkStateful, isStateful, type StatefulDoFn } from '../state/check-stateful.ts';
import type { StateSpecs } from '../state/state-spec.ts';
import type { TimerSpecs } from '../state/timer.ts';
import type { AnyElement } from '../values.ts';
import type { Window } from '../windows/window.ts';
import type { DoFn, OutputTags, SideInputs } from './do-fn.ts';
import type { ErrorOutput } from './element-fn.ts';
import { errorOutput, type WithErrors } from './element-wise.ts';
import type { WithLate } from './late-output.ts';
import { checkSideInput } from './side-input.ts';

/** Output of a ParDo: one collection, or one per tag. */
export type ParDoOutput<O, X extends OutputTags, W extends Window> = keyof X extends never
  ? PCollection<O, W>
  : { readonly main: PCollection<O, W> } & { readonly [P in keyof X]: PCollection<Infer<X[P]>, W> };

/** Outputs of a ParDo, and the elements that were too late for it. */
export type ParDoWithLate<T, O, X extends OutputTags, W extends Window> = WithLate<T, O, W> & {
  readonly [P in keyof X]: PCollection<Infer<X[P]>, W>;
};

/** The application of a DoFn. */
export interface ParDo<T, O, X extends OutputTags, W extends Window>
  extends PTransform<PCollection<T, W>, ParDoOutput<O, X, W>> {
  /**
   * The same with an output of the elements that come too late: after their window has expired, or too late to be put in
   * order. Otherwise they are dropped, and counted as `droppedDueToLateness`.
   *
   * @throws PipelineError `LATE_OUTPUT_KEYLESS` for a DoFn without state, timers or order in time, which drops nothing
   */
  withLateOutput(): PTransform<PCollection<T, W>, ParDoWithLate<T, O, X, W>>;
}

/**
 * Applies a DoFn to each element (Beam's ParDo). The result is its collection of outputs; if it declares `outputs`, an
 * object with the main output as `main` and each tag's collection by its name.
 *
 * A DoFn with `state` or `timers` works per key and window: all elements of a key pass through it one after another.
 *
 * @throws PipelineError what {@link checkStateful} throws
 * @throws PipelineError `DO_FN_INVALID` without a `process` method or with a wrong `concurrency`, `MEMBER_UNKNOWN`, `SIDE_INPUT_INVALID`, `TRIGGER_MISSING`, `OUTPUT_NAME`, `CODER_INVALID`
 */
export function parDo<
  T,
  O extends AnyElement = never,
  D extends SideInputs = {},
  X extends OutputTags = {},
  W extends Window = Window,
  S extends StateSpecs = {},
  M extends TimerSpecs = {},
>(name: string, fn: DoFn<T, O, D, X, W, S, M>): ParDo<T, O, X, W> {
  return {
    name,
    expand(input) {
      const tags: Record<string, Coder<unknown>> = { main: mainCoder(name, fn), ...fn.outputs };
      checkTag(name, fn.outputs, 'main', 'what process returns');
      checkStateful(name, fn as unknown as StatefulDoFn, input.node);
      const outputs = input.pipeline.primitive(input, doFnSpec(fn, input.pipeline), tags);
      return (Object.keys(tags).length === 1 ? outputs.main : outputs) as ParDoOutput<O, X, W>;
    },
    withLateOutput: () => ({
      name,
      expand(input) {
        const main = mainCoder(name, fn);
        checkTag(name, fn.outputs, 'main', 'what process returns');
        checkTag(name, fn.outputs, LATE_OUTPUT, 'the output of late elements');
        checkStateful(name, fn as unknown as StatefulDoFn, input.node);
        const spec = doFnSpec(fn, input.pipeline, { keepsLate: true });
        if (!isStateful(spec)) {
          throw new PipelineError('LATE_OUTPUT_KEYLESS', `'${name}' has an output of late elements, and drops none`, {
            hint: 'only a DoFn with state, timers or requiresTimeSortedInput drops elements; groupings do, too',
          });
        }
        const tags = { main, ...fn.outputs, [LATE_OUTPUT]: input.node.coder };
        return input.pipeline.primitive(input, spec, tags) as unknown as ParDoWithLate<T, O, X, W>;
      },
    }),
  };
}

/**
 * Applies a DoFn with a dead-letter output: an element for which `process` fails goes there, and nothing of what it has
 * yielded is kept. What was passed to `output` could not be taken back, so the DoFn can have no outputs of its own; nor is
 * what it has written to state and set as timers.
 *
 * @throws PipelineError `ERRORS_AND_OUTPUTS` when it has some
 */
export function parDoWithErrors<
  T,
  O extends AnyElement = never,
  D extends SideInputs = {},
  W extends Window = Window,
  R = T,
  S extends StateSpecs = {},
  M extends TimerSpecs = {},
>(
  name: string,
  fn: DoFn<T, O, D, {}, W, S, M>,
  options?: { redact?(element: T): R },
): PTransform<PCollection<T, W>, WithErrors<R, O, W>> {
  return {
    name,
    expand(input) {
      const tags = { main: mainCoder(name, fn), errors: defaultCoder };
      if (Object.keys(fn.outputs ?? {}).length > 0) {
        throw new PipelineError(
          'ERRORS_AND_OUTPUTS',
          `'${name}' has both outputs of its own and a dead-letter output`,
          {
            hint: 'catch the errors in process and send them to one of the outputs',
          },
        );
      }
      checkStateful(name, fn as unknown as StatefulDoFn, input.node);
      const outputs = input.pipeline.primitive(
        input,
        doFnSpec(fn, input.pipeline, { errors: errorOutput(options) }),
        tags,
      );
      return outputs as unknown as WithErrors<R, O, W>;
    },
  };
}

/** The compiler sees to it that none is missing. */
const DO_FN_MEMBERS = Object.keys({
  sides: true,
  outputs: true,
  state: true,
  timers: true,
  requiresTimeSortedInput: true,
  requiresStableInput: true,
  requestsFinalization: true,
  coder: true,
  concurrency: true,
  setup: true,
  startBundle: true,
  process: true,
  onTimer: true,
  onWindowExpiration: true,
  finishBundle: true,
  teardown: true,
} satisfies { readonly [P in keyof Required<DoFn<unknown, unknown>>]: true });

function mainCoder<
  T,
  O,
  D extends SideInputs,
  X extends OutputTags,
  W extends Window,
  S extends StateSpecs,
  M extends TimerSpecs,
>(name: string, fn: DoFn<T, O, D, X, W, S, M>): Coder<unknown> {
  if (typeof fn?.process !== 'function') {
    throw new PipelineError('DO_FN_INVALID', `The DoFn of '${name}' has no process method`, {
      hint: "parDo('what it does', { process(element, context) { … } })",
    });
  }
  checkMisspelt(`the DoFn of '${name}'`, fn, DO_FN_MEMBERS);
  const { concurrency = 1 } = fn;
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new PipelineError('DO_FN_INVALID', `The concurrency of '${name}' is an integer from 1, not ${concurrency}`);
  }
  return (fn.coder as Coder<unknown> | undefined) ?? defaultCoder;
}

function doFnSpec<
  T,
  O,
  D extends SideInputs,
  X extends OutputTags,
  W extends Window,
  S extends StateSpecs,
  M extends TimerSpecs,
>(
  fn: DoFn<T, O, D, X, W, S, M>,
  pipeline: Pipeline,
  outputs: { readonly errors?: ErrorOutput; readonly keepsLate?: boolean } = {},
): TransformSpec {
  const doFn = { kind: 'doFn', fn: fn as unknown as DoFn<never, unknown>, ...outputs } as const;
  return { kind: 'parDo', fn: doFn, sides: sidesOf(fn.sides ?? {}, pipeline) };
}

/** Side inputs as the graph holds them. @throws PipelineError what {@link checkSideInput} throws */
export function sidesOf(inputs: SideInputs, pipeline: Pipeline): Readonly<Record<string, SideInputNode>> {
  const sides: Record<string, SideInputNode> = {};
  for (const [local, side] of Object.entries(inputs)) {
    checkSideInput(local, side, pipeline);
    sides[local] = {
      collection: side.collection.node.id,
      view: side.view,
      ...(side.fallback === undefined ? {} : { fallback: side.fallback }),
    };
  }
  return sides;
}

/** @throws PipelineError `OUTPUT_NAME` when the DoFn has an output whose name means something else */
export function checkTag(name: string, outputs: OutputTags | undefined, tag: string, as: string): void {
  if (outputs?.[tag] === undefined) return;
  throw new PipelineError('OUTPUT_NAME', `An output of '${name}' is called '${tag}', as ${as}`);
}
