import type { Coder as CoderProto } from '../../model/pipeline.ts';
import type { CoderSpec } from '../coders/coder-registry.ts';

/** The coders of a pipeline, or of a part of one, as the coder registry takes them. */
export function coderSpecs(coders: Readonly<Record<string, CoderProto>>): ReadonlyMap<string, CoderSpec> {
  const specs = new Map<string, CoderSpec>();
  for (const [id, { spec, componentCoderIds }] of Object.entries(coders)) {
    const { urn = '', payload } = spec ?? {};
    specs.set(id, {
      urn,
      componentIds: componentCoderIds,
      ...(payload === undefined || payload.length === 0 ? {} : { payload }),
    });
  }
  return specs;
}
