import type { CollectionNode } from '../graph/graph.ts';
import { GLOBAL_WINDOWING } from './global-windows.ts';

/** Whether what collects the elements of a window would have them when the stream ends and not before, unless told so. */
export function waitsForEnd({ bounded, windowing }: CollectionNode): boolean {
  const { trigger, windowFn } = windowing;
  return !bounded && trigger.kind === 'default' && windowFn.urn === GLOBAL_WINDOWING.windowFn.urn;
}
