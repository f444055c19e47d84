import type { ExpansionRequest } from '../../../model/job-management.ts';
import type { Components, Init } from '../../../model/pipeline.ts';
import { partsOf } from './expand-request.ts';

/** A request with no more than what {@link buildExpansion} reads of it. */
export function withoutTheRest(request: ExpansionRequest): Init<ExpansionRequest> & {
  readonly components: Pick<Components, 'pcollections' | 'coders' | 'windowingStrategies'>;
} {
  const { transform, components } = partsOf(request);
  const pcollections: Components['pcollections'] = {};
  const coders: Components['coders'] = {};
  const windowingStrategies: Components['windowingStrategies'] = {};
  const addCoder = (id: string): void => {
    const coder = components.coders[id];
    if (coder === undefined || id in coders) return;
    coders[id] = coder;
    for (const each of coder.componentCoderIds) addCoder(each);
  };
  for (const id of Object.values(transform.inputs)) {
    const collection = components.pcollections[id];
    if (collection === undefined) continue;
    const { coderId, windowingStrategyId } = (pcollections[id] = collection);
    addCoder(coderId);
    windowingStrategies[windowingStrategyId] = components.windowingStrategies[windowingStrategyId];
  }
  const { spec, inputs } = transform;
  return {
    transform: { spec, inputs },
    components: { pcollections, coders, windowingStrategies },
    namespace: request.namespace,
  };
}
