import type { Coder, Infer } from '../coders/coder.ts';
import { defaultCoder } from '../coders/default-coder.ts';
import { PipelineError } from '../errors.ts';
import type { SideInputNode } from '../graph/graph.ts';
import type { PCollection } from '../pipeline/p-collection.ts';
import type { PTransform } from '../pipeline/p-transform.ts';
import type { AnyElement } from '../values.ts';
import type { Window } from '../windows/window.ts';
import type { DoFn, OutputTags, SideInputs, SplittableDoFn } from './do-fn.ts';
import { checkSideInput } from './side-input.ts';

/** Output of a ParDo: one collection, or one per tag. */
export type ParDoOutput<O, X extends OutputTags, W extends Window> = keyof X extends never
  ? PCollection<O, W>
  : { readonly main: PCollection<O, W> } & { readonly [P in keyof X]: PCollection<Infer<X[P]>, W> };

/** Applies a DoFn to each element. */
export function parDo<
  T,
  O extends AnyElement = never,
  D extends SideInputs = {},
  X extends OutputTags = {},
  W extends Window = Window,
>(name: string, fn: DoFn<T, O, D, X, W>): PTransform<PCollection<T, W>, ParDoOutput<O, X, W>> {
  return {
    name,
    expand(input) {
      if (typeof fn?.process !== 'function') {
        throw new PipelineError('DO_FN_INVALID', `The DoFn of '${name}' has no process method`);
      }
      const sides: Record<string, SideInputNode> = {};
      for (const [local, side] of Object.entries(fn.sides ?? {})) {
        checkSideInput(local, side);
        sides[local] = {
          collection: side.collection.node.id,
          view: side.view,
          ...(side.fallback === undefined ? {} : { fallback: side.fallback }),
        };
      }
      const tags: Record<string, Coder<unknown>> = { main: fn.coder ?? defaultCoder, ...fn.outputs };
      const outputs = input.pipeline.primitive(
        input,
        { kind: 'parDo', fn: { kind: 'doFn', fn: fn as DoFn<never, unknown> }, sides },
        tags,
      );
      return (Object.keys(tags).length === 1 ? outputs.main : outputs) as ParDoOutput<O, X, W>;
    },
  };
}

/** Applies a splittable DoFn: how sources read files and other divisible inputs. */
export function splittableParDo<T, R, P, O, W extends Window>(
  name: string,
  fn: SplittableDoFn<T, R, P, O>,
): PTransform<PCollection<T, W>, PCollection<O, W>> {
  return {
    name,
    expand: (input) =>
      input.pipeline.primitive(
        input,
        {
          kind: 'parDo',
          fn: { kind: 'splittable', fn: fn as SplittableDoFn<never, unknown, unknown, unknown> },
          sides: {},
        },
        { main: fn.coder ?? defaultCoder },
      ).main as PCollection<O, W>,
  };
}
