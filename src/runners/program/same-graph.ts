import { PipelineError } from '../../sdk/errors.ts';
import { describeGraph, firstDifference } from '../../sdk/graph/fingerprint.ts';
import type { Graph } from '../../sdk/graph/graph.ts';

/**
 * Compares the pipeline that a worker has built with that of the program that has sent it work.
 *
 * @param theirs description of that one, @param sender who that is, @param everywhere where a program must build the same
 * @throws PipelineError `GRAPH_DIFFERS`
 */
export function checkSameGraph(theirs: readonly string[], graph: Graph, sender: string, everywhere: string): void {
  const difference = firstDifference(theirs, describeGraph(graph));
  if (difference === undefined) return;
  throw new PipelineError('GRAPH_DIFFERS', `A worker built another pipeline than ${sender}`, {
    hint: `${difference}. A program must build the same graph ${everywhere}: no clock, randomness or input of the moment may shape it`,
  });
}
