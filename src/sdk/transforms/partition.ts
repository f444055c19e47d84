import { PipelineError, UserCodeError } from '../errors.ts';
import type { PCollection } from '../pipeline/p-collection.ts';
import type { PTransform } from '../pipeline/p-transform.ts';
import type { Window } from '../windows/window.ts';

/** Most parts of one partition. */
const MAX_PARTS = 1000;

/**
 * Divides a collection into several by name (Beam's Partition):
 *
 * ```ts
 * const { train, test } = rows.apply(partition('Split', ['train', 'test'], (row) => (row.id % 10 === 0 ? 'test' : 'train')));
 * ```
 *
 * @param parts names of the parts; each is an output, and there is no other
 * @param fn the part of an element; a name that is not among `parts` fails the element
 * @throws PipelineError `PARTITION_INVALID` when there are no parts, more than 1,000, or two of one name
 */
export function partition<T, const P extends string, W extends Window>(
  name: string,
  parts: readonly P[],
  fn: (element: T) => NoInfer<P>,
): PTransform<PCollection<T, W>, { readonly [N in P]: PCollection<T, W> }> {
  if (!Array.isArray(parts) || typeof fn !== 'function') {
    throw new PipelineError('PARTITION_INVALID', `'${name}' needs the names of its parts and a function`, {
      hint: "partition('Split', ['a', 'b'], (element) => 'a')",
    });
  }
  const index = new Map<string, number>(parts.map((part, i) => [part, i]));
  if (index.size !== parts.length || parts.length === 0 || parts.length > MAX_PARTS) {
    throw new PipelineError('PARTITION_INVALID', `'${name}' needs 1 to ${MAX_PARTS} parts of different names`);
  }
  function choose(element: T): number {
    const part = fn(element);
    const found = index.get(part);
    if (found === undefined) {
      throw new UserCodeError('PARTITION_UNKNOWN', `The element belongs to the part ${JSON.stringify(part)}`, {
        final: true,
        hint: `the parts are ${parts.slice(0, 10).join(', ')}`,
      });
    }
    return found;
  }
  return {
    name,
    expand: (input) =>
      input.pipeline.primitive(
        input,
        { kind: 'parDo', fn: { kind: 'partition', fn: choose, tags: parts }, sides: {} },
        Object.fromEntries(parts.map((part) => [part, input.node.coder])),
      ) as { readonly [N in P]: PCollection<T, W> },
  };
}
