import type { Components } from '../../../model/pipeline.ts';
import type { CoderProtos } from './crossing.ts';

/** Adds a coder to others, with all that it is made of, as far as these are known. */
export function copyCoder(id: string, from: CoderProtos, to: Components['coders']): void {
  const coder = from[id];
  if (coder === undefined || id in to) return;
  to[id] = coder;
  for (const component of coder.componentCoderIds) copyCoder(component, from, to);
}
