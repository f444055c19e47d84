import type { PCollection } from '../pipeline/p-collection.ts';
import type { Window } from '../windows/window.ts';

/** A ticket for the elements of a collection: `result.elements(ticket)` gives them when the pipeline is done. */
export interface Collected<T> {
  /** Full name of the transform that keeps them. */
  readonly transform: string;
  /** Type carrier, never set. */
  readonly __element?: T;
}

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
  return { transform };
}
