import type { Graph } from '../graph/graph.ts';
import type { PCollection } from '../pipeline/p-collection.ts';
import type { Window } from '../windows/window.ts';

/** A ticket for the elements of a collection: `result.elements(ticket)` gives them when the pipeline is done. */
export interface Collected<T> {
  /** Full name of the transform that keeps them. */
  readonly transform: string;
  /** Type carrier, never set. */
  readonly __element?: T;
}

const graphs = new WeakMap<Collected<unknown>, Graph>();

/** Keeps a collection's elements for the program that runs the pipeline. */
export function collect<T>(input: PCollection<T, Window>, name: string): Collected<T> {
  let transform = name;
  input.pipeline.applyTo(input, {
    name,
    expand() {
      transform = input.pipeline.primitiveName();
      input.pipeline.primitive(input, { kind: 'collect' }, {});
    },
  });
  const ticket: Collected<T> = { transform };
  graphs.set(ticket, input.pipeline.graph);
  return ticket;
}

/** Whether a ticket was given out by another pipeline than that of the graph. One that was made by hand has no pipeline. */
export function isForeignTicket(ticket: Collected<unknown>, graph: Graph): boolean {
  return (graphs.get(ticket) ?? graph) !== graph;
}
