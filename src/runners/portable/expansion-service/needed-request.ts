import type { ExpansionRequest } from '../../../model/job-management.ts';
import type { Components, Init } from '../../../model/pipeline.ts';
import { copyCoder } from '../expansion/copy-coder.ts';
import { partsOf } from './expand-request.ts';

/** A request with no more than what {@link buildExpansion} reads of it. */
export function withoutTheRest(request: ExpansionRequest): Init<ExpansionRequest> & {
  readonly components: Pick<Components, 'pcollections' | 'coders' | 'windowingStrategies'>;
} {
  const { transform, components } = partsOf(request);
  const pcollections: Components['pcollections'] = {};
  const coders: Components['coders'] = {};
  const windowingStrategies: Components['windowingStrategies'] = {};
  for (const id of Object.values(transform.inputs)) {
    const collection = components.pcollections[id];
    if (collection === undefined) continue;
    const { coderId, windowingStrategyId } = (pcollections[id] = collection);
    copyCoder(coderId, components.coders, coders);
    windowingStrategies[windowingStrategyId] = components.windowingStrategies[windowingStrategyId];
  }
  const { spec, inputs } = transform;
  return {
    transform: { spec, inputs },
    components: { pcollections, coders, windowingStrategies },
    namespace: request.namespace,
  };
}
