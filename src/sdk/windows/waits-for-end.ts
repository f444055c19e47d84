import type { CollectionNode } from '../graph/graph.ts';
import { isGlobal } from './global-windows.ts';

/** Whether what collects the elements of a window would have them when the stream ends and not before, unless told so. */
export function waitsForEnd({ bounded, windowing }: CollectionNode): boolean {
  return !bounded && windowing.trigger.kind === 'default' && isGlobal(windowing);
}
