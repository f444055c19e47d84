import { type Coder, checkCoder } from '../../../sdk/coders/coder.ts';
import { PipelineError } from '../../../sdk/errors.ts';
import { MAIN_INPUT, MAIN_OUTPUT } from '../../../sdk/graph/graph.ts';
import { checkEndpoint } from '../../../sdk/options/endpoint.ts';
import { PCollection } from '../../../sdk/pipeline/p-collection.ts';
import type { PTransform } from '../../../sdk/pipeline/p-transform.ts';
import { Pipeline } from '../../../sdk/pipeline/pipeline.ts';
import { checkSameWindows } from '../../../sdk/windows/same-windows.ts';
import type { GlobalWindow, Window } from '../../../sdk/windows/window.ts';
import { type Configuration, externalPayload } from './configuration.ts';
import { checkCrossing } from './crossing.ts';

/** What a transform of another SDK reads: nothing, a collection, or several by name. */
export type ExpansionInput<W extends Window> =
  | Pipeline
  | PCollection<unknown, W>
  | Readonly<Record<string, PCollection<unknown, W>>>;

/** The outputs of a transform: none, one, or several by name, each with the coder of its elements. */
export type OutputCoders = undefined | Coder<unknown> | { readonly [name: string]: Coder<unknown> };

/** The collections of {@link OutputCoders}. */
export type ExpansionOutput<O extends OutputCoders, W extends Window> = O extends undefined
  ? void
  : O extends Coder<infer T>
    ? PCollection<T, W>
    : { readonly [P in keyof O]: O[P] extends Coder<infer T> ? PCollection<T, W> : never };

/** What the program has to know about a transform of another SDK while the pipeline is built. */
export interface ExpansionSettings<O extends OutputCoders = OutputCoders> {
  /** One of Beam's standard coders: for its only output, whatever that is called there, or for each by its name. */
  readonly output?: O;
  /** Its outputs are unbounded, though its inputs are not: it reads from a queue, say. Default false. */
  readonly unbounded?: boolean;
  /** Name of the application; default the URN. */
  readonly name?: string;
}

/**
 * A transform of another SDK, offered by its expansion service. It is applied to a collection, to the pipeline, or to
 * several collections by name: `p.applyTo({ left, right }, expansion(…))`. The service is asked when the pipeline is
 * submitted to a portable runner; what it expands to runs in its own SDK's workers. The DirectRunner refuses it
 * (`EXTERNAL_TRANSFORM`).
 *
 * @param endpoint `host:port` of the expansion service
 * @param payload as the transform wants it: bytes, or a row by schema
 * @throws OptionError `OPTION_INVALID` where the endpoint is none; PipelineError when it is applied: `NOT_STANDARD` where an input's elements or windows are none that other SDKs
 *   know, `CODER_INVALID`, `WINDOWS_DIFFER`; when the pipeline is submitted: `EXPANSION_FAILED`, `EXPANSION_OUTPUT`
 */
export function expansion<const O extends OutputCoders = undefined, W extends Window = GlobalWindow>(
  endpoint: string,
  urn: string,
  payload: Uint8Array | Configuration,
  settings: ExpansionSettings<O> = {},
): PTransform<ExpansionInput<W>, ExpansionOutput<O, W>> {
  checkEndpoint('The address of an expansion service', endpoint);
  const { output, unbounded = false, name = urn } = settings;
  const bytes = externalPayload(payload);
  return {
    name,
    expand(input) {
      const inputs = inputsOf(name, input);
      const first = Object.values(inputs).at(0);
      const pipeline = first?.pipeline ?? (input as Pipeline);
      const nodes = Object.entries(inputs).map(([local, { node }]) => [local, node] as const);
      for (const [local, node] of nodes) checkCrossing(`The input '${local}'`, node);
      if (nodes.length > 1) checkSameWindows(name, nodes);
      const outputs = isCoder(output) ? { [MAIN_OUTPUT]: output } : namedOutputs(output);
      for (const [tag, coder] of Object.entries(outputs)) {
        checkCoder(`the output '${tag}'`, coder);
        checkCrossing(`The output '${tag}'`, { coder });
      }
      const made = pipeline.primitive(inputs, { kind: 'external', endpoint, urn, payload: bytes, unbounded }, outputs);
      // What the settings say is what was made.
      return (isCoder(output) ? made[MAIN_OUTPUT] : output === undefined ? undefined : made) as ExpansionOutput<O, W>;
    },
  };
}

/** Whether one coder was given, and not several by name. */
export function isCoder(coders: OutputCoders): coders is Coder<unknown> {
  return typeof coders?.encode === 'function';
}

function namedOutputs(output: Exclude<OutputCoders, Coder<unknown>>): Readonly<Record<string, Coder<unknown>>> {
  return output ?? {};
}

function inputsOf<W extends Window>(name: string, input: ExpansionInput<W>): Record<string, PCollection<unknown, W>> {
  if (input instanceof Pipeline) return {};
  if (input instanceof PCollection) return { [MAIN_INPUT]: input };
  const inputs: Record<string, PCollection<unknown, W>> = {};
  for (const [local, collection] of Object.entries(input)) {
    if (!(collection instanceof PCollection)) {
      throw new PipelineError('COLLECTION_INVALID', `The input '${local}' of '${name}' is no collection`);
    }
    inputs[local] = collection;
  }
  return inputs;
}
