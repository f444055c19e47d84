import { CombinePayload, type Components, type FunctionSpec, type Pipeline, PTransform } from '../../model/pipeline.ts';
import { CoderUrn, TransformUrn } from '../../model/urns.ts';

/**
 * Spells out combines per key as a combine before and one after their grouping, so that a runner shuffles accumulators: Flink does
 * not do so itself, and runners that do go by the composite. A combine whose trigger may look at single elements stays as it is.
 */
export function liftCombines({ components }: Pipeline): void {
  if (components === undefined) return;
  for (const [id, transform] of Object.entries(components.transforms)) {
    if (transform.spec?.urn !== TransformUrn.COMBINE_PER_KEY) continue;
    const parts = partsOf(components, transform);
    if (parts !== undefined) lift(components, id, transform, transform.spec, parts);
  }
}

/** What a combine consists of that may be lifted. */
interface Parts {
  /** Ids of the transforms that are to go. */
  readonly inside: readonly string[];
  /** Collections. */
  readonly input: string;
  readonly grouped: string;
  readonly output: string;
  /** Coder of the keys. */
  readonly key: string;
}

function partsOf({ transforms, pcollections, windowingStrategies, coders }: Components, combine: PTransform) {
  const [grouping, combining, ...others] = combine.subtransforms.map((child) => transforms[child]);
  if (grouping?.spec?.urn !== TransformUrn.GROUP_BY_KEY || others.length > 0) return undefined;
  if (combining?.spec?.urn !== TransformUrn.COMBINE_GROUPED_VALUES) return undefined;
  const [input] = Object.values(grouping.inputs);
  const [grouped] = Object.values(grouping.outputs);
  const [output] = Object.values(combining.outputs);
  const { windowingStrategyId, coderId } = pcollections[input];
  const { trigger } = windowingStrategies[windowingStrategyId];
  const { spec, componentCoderIds } = coders[coderId];
  if ((trigger !== undefined && trigger.default === undefined) || spec?.urn !== CoderUrn.KV) return undefined;
  const inside = insideOf(transforms, combine);
  return { inside, input, grouped, output, key: componentCoderIds[0] };
}

/** Ids of all transforms that one consists of, at whatever depth: in Java's combines the last one lies three below. */
function insideOf(transforms: Components['transforms'], { subtransforms }: PTransform): string[] {
  return subtransforms.flatMap((id) => [id, ...insideOf(transforms, transforms[id])]);
}

function lift(components: Components, id: string, combine: PTransform, spec: FunctionSpec, parts: Parts): void {
  const { transforms, pcollections, coders } = components;
  const { inside, input, grouped, output, key } = parts;
  const coder = (name: string, urn: string, ...componentCoderIds: string[]): string => {
    coders[`${id}/${name}`] = { spec: { urn, payload: new Uint8Array() }, componentCoderIds };
    return `${id}/${name}`;
  };
  const collection = (name: string, like: string, coderId: string): string => {
    const uniqueName = `${id}/${name}.main`;
    pcollections[uniqueName] = { ...pcollections[like], uniqueName, coderId };
    return uniqueName;
  };
  const step = (name: string, urn: string, from: string, to: string): string => {
    const uniqueName = `${id}/${name}`;
    const isGrouping = urn === TransformUrn.GROUP_BY_KEY;
    transforms[uniqueName] = PTransform.create({
      uniqueName,
      spec: { urn, payload: isGrouping ? new Uint8Array() : spec.payload },
      inputs: { main: from },
      outputs: { main: to },
      environmentId: isGrouping ? '' : combine.environmentId,
    });
    return uniqueName;
  };

  const { accumulatorCoderId } = CombinePayload.decode(spec.payload);
  const pairs = coder('Pairs', CoderUrn.KV, key, accumulatorCoderId);
  const groups = coder('Groups', CoderUrn.KV, key, coder('Accumulators', CoderUrn.ITERABLE, accumulatorCoderId));
  const early = collection('Precombine', input, pairs);
  const shuffled = collection('Group', grouped, groups);
  const merged = collection('Merge', output, pairs);
  for (const each of inside) {
    for (const made of Object.values(transforms[each].outputs)) if (made !== output) delete pcollections[made];
    delete transforms[each];
  }
  combine.subtransforms = [
    step('Precombine', TransformUrn.COMBINE_PER_KEY_PRECOMBINE, input, early),
    step('Group', TransformUrn.GROUP_BY_KEY, early, shuffled),
    step('Merge', TransformUrn.COMBINE_PER_KEY_MERGE_ACCUMULATORS, shuffled, merged),
    step('Extract', TransformUrn.COMBINE_PER_KEY_EXTRACT_OUTPUTS, merged, output),
  ];
}
