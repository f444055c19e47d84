import type { Graph } from '../../../sdk/graph/graph.ts';
import type { DescriptorCoders } from './descriptor-coders.ts';
import type { WindowFns } from './window-fns.ts';

/** What of the program a descriptor is understood with. */
export interface ProgramContext {
  /** As the program has built it: functions are found in it by name. */
  readonly graph: Graph;
  readonly coders: DescriptorCoders;
  readonly windowFns: WindowFns;
  readonly random: () => number;
}
