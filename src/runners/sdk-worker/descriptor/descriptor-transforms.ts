import type { ProcessBundleDescriptor } from '../../../model/fn-execution.ts';
import { ParDoPayload, type PTransform } from '../../../model/pipeline.ts';
import { TransformUrn } from '../../../model/urns.ts';
import { RunnerError } from '../../../sdk/errors.ts';

/** Each transform after those that it reads from. */
export function inOrder(descriptor: ProcessBundleDescriptor): [string, PTransform][] {
  const waiting = new Map(Object.entries(descriptor.transforms));
  const made = new Set<string>();
  const producers = new Set([...waiting.values()].flatMap(({ outputs }) => Object.values(outputs)));
  const ordered: [string, PTransform][] = [];
  while (waiting.size > 0) {
    const before = waiting.size;
    for (const [id, transform] of waiting) {
      const inputs = mainInputs(transform).map(([, collection]) => collection);
      if (inputs.some((input) => producers.has(input) && !made.has(input))) continue;
      for (const output of Object.values(transform.outputs)) made.add(output);
      ordered.push([id, transform]);
      waiting.delete(id);
    }
    if (waiting.size === before) throw invalid(descriptor, 'has transforms that read from each other');
  }
  return ordered;
}

/** Inputs but side inputs, by local name. */
export function mainInputs({ spec, inputs }: PTransform): readonly (readonly [local: string, collection: string])[] {
  const all = Object.entries(inputs);
  if (all.length < 2 || spec === undefined || !WITH_SIDES.has(spec.urn)) return all;
  const { sideInputs } = ParDoPayload.decode(spec.payload);
  return all.filter(([local]) => sideInputs[local] === undefined);
}

const WITH_SIDES: ReadonlySet<string> = new Set([
  TransformUrn.PAR_DO,
  TransformUrn.PAIR_WITH_RESTRICTION,
  TransformUrn.SPLIT_AND_SIZE_RESTRICTIONS,
  TransformUrn.PROCESS_SIZED_ELEMENTS_AND_RESTRICTIONS,
  TransformUrn.TRUNCATE_SIZED_RESTRICTION,
]);

/** The error for a descriptor that contradicts itself or the program. */
export function invalid({ id }: ProcessBundleDescriptor, what: string): RunnerError {
  return new RunnerError('FN_API_INVALID', `The descriptor '${id}' ${what}`);
}
