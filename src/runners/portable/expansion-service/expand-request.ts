import type { ExpansionRequest } from '../../../model/job-management.ts';
import { type Components, IsBounded, type PTransform } from '../../../model/pipeline.ts';
import { coderFromSpec } from '../../../sdk/coders/coder-registry.ts';
import { PipelineError } from '../../../sdk/errors.ts';
import { coderSpecs } from '../../../sdk/graph/coder-specs.ts';
import { MillraceUrn } from '../../../sdk/graph/proto-urns.ts';
import { windowingFromProto } from '../../../sdk/graph/windowing-from-proto.ts';
import type { PCollection } from '../../../sdk/pipeline/p-collection.ts';
import { Pipeline } from '../../../sdk/pipeline/pipeline.ts';
import type { Window } from '../../../sdk/windows/window.ts';
import { checkPortable } from '../check-portable.ts';
import { checkCrossing } from '../expansion/crossing.ts';
import { isCoder } from '../expansion/expansion.ts';
import { askedTransform } from './offered-configuration.ts';
import type { AnyTransform, OfferedTransform } from './offered-transform.ts';
import { decodedAs, encodedAsStandard } from './recode.ts';

type Inputs = Readonly<Record<string, PCollection<unknown, Window>>>;

/** Name of the whole in our graph; the other program gives it one of its own. */
export const ROOT = 'Expansion';

/** A request as a pipeline of ours: what a worker runs of it, and what the answer is made of. */
export interface Expansion {
  readonly pipeline: Pipeline;
  /** What the other program calls the inputs, by our collections. */
  readonly inputs: ReadonlyMap<string, string>;
}

/**
 * Builds what another program asks for. The same request always gives the same graph: a worker, which is told nothing but the
 * request, finds the functions in its own.
 *
 * @throws PipelineError `NOT_OFFERED`, `EXPANSION_CONFIGURATION`, `NOT_STANDARD`, and what the transform throws
 */
export function buildExpansion(request: ExpansionRequest, offers: ReadonlyMap<string, OfferedTransform>): Expansion {
  const { transform: asked, components } = partsOf(request);
  const { spec, inputs: wanted } = asked;
  if (spec === undefined) throw new PipelineError('EXPANSION_FAILED', 'The request names no transform');
  const { urn, offered, configuration } = askedTransform(spec, offers);
  const pipeline = new Pipeline({ name: urn });
  const inputs: Record<string, PCollection<unknown, Window>> = {};
  const ids = new Map<string, string>();
  for (const [tag, id] of Object.entries(wanted)) {
    const collection = inputCollection(pipeline, tag, id, components);
    inputs[tag] = collection;
    ids.set(collection.node.id, id);
  }
  const transform = offered.make(configuration);
  pipeline.applyTo(inputs, ROOT, {
    name: ROOT,
    expand(given: Inputs) {
      const output = apply(pipeline, recoded(given, offered), transform);
      const outputs: Record<string, PCollection<unknown, Window>> = {};
      for (const [tag, collection] of Object.entries(outputsOf(output))) {
        checkCrossing(`The output '${tag}' of '${urn}'`, collection.node);
        outputs[tag] = encodedAsStandard(collection, tag);
      }
      return outputs;
    },
  });
  checkPortable(pipeline.graph, 'external');
  return { pipeline, inputs: ids };
}

/** @throws PipelineError `EXPANSION_FAILED` */
export function partsOf({ transform, components }: ExpansionRequest): {
  readonly transform: PTransform;
  readonly components: Components;
} {
  if (transform === undefined || components === undefined) {
    throw new PipelineError('EXPANSION_FAILED', 'The request lacks its transform or its components');
  }
  return { transform, components };
}

/** A collection of the other program, as it says that it is. */
function inputCollection(
  pipeline: Pipeline,
  tag: string,
  id: string,
  { pcollections, coders, windowingStrategies }: Components,
): PCollection<unknown, Window> {
  const { coderId = '', windowingStrategyId = '', isBounded } = pcollections[id] ?? {};
  const strategy = windowingStrategies[windowingStrategyId];
  const windowing = strategy === undefined ? undefined : windowingFromProto(strategy);
  if (windowing === undefined) {
    throw new PipelineError(
      'NOT_STANDARD',
      `The input '${tag}' has windows that are not Beam's: ${strategy?.windowFn?.urn}`,
    );
  }
  const spec = {
    kind: 'external',
    endpoint: '',
    urn: MillraceUrn.EXPANSION_INPUT,
    payload: Buffer.from(tag),
    unbounded: isBounded === IsBounded.UNBOUNDED,
  } as const;
  return pipeline.applyTo(pipeline, {
    name: `Input ${tag}`,
    expand: () =>
      pipeline.primitive(undefined, spec, { main: coderFromSpec(coderId, coderSpecs(coders)) }, windowing).main,
  });
}

function recoded(given: Inputs, { inputs: stated }: OfferedTransform): Inputs {
  const tags = Object.keys(given);
  const single = isCoder(stated) ? stated : undefined;
  const byTag = isCoder(stated) ? {} : stated;
  const result: Record<string, PCollection<unknown, Window>> = {};
  for (const [tag, collection] of Object.entries(given)) {
    const coder = single ?? byTag[tag] ?? (tags.length === 1 ? Object.values(byTag).at(0) : undefined);
    result[tag] = coder === undefined ? collection : decodedAs(collection, tag, coder);
  }
  return result;
}

/** As the other program applies it: to the pipeline, to its one input, or to all by name. */
function apply(pipeline: Pipeline, inputs: Inputs, transform: AnyTransform): ReturnType<AnyTransform['expand']> {
  const all = Object.values(inputs);
  const input = all.length === 0 ? pipeline : all.length === 1 ? all[0] : inputs;
  return pipeline.applyTo(input as never, transform);
}

function outputsOf(output: unknown): Inputs {
  if (typeof output !== 'object' || output === null) return {};
  return 'node' in output ? { main: output as PCollection<unknown, Window> } : (output as Inputs);
}
