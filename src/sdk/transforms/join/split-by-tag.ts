import type { TaggedValue } from './tagged-value.ts';

/** Most values of one key that are sorted into arrays at once; a larger group is read again for each collection. */
const MAX_IN_MEMORY = 10_000;

/**
 * The values of a grouping by collection. Small groups, the common case, become arrays in one pass; of larger ones each
 * result is a view that reads the group when it is read, so that memory stays bounded.
 */
export function splitByTag(group: Iterable<TaggedValue>, tags: number): Iterable<unknown>[] {
  const lists: unknown[][] = [];
  for (let tag = 0; tag < tags; tag++) lists.push([]);
  let count = 0;
  for (const { tag, value } of group) {
    if (++count > MAX_IN_MEMORY) return lists.map((_, each) => new TagView(group, each));
    lists[tag].push(value);
  }
  return lists;
}

class TagView implements Iterable<unknown> {
  readonly #group: Iterable<TaggedValue>;
  readonly #tag: number;

  constructor(group: Iterable<TaggedValue>, tag: number) {
    this.#group = group;
    this.#tag = tag;
  }

  *[Symbol.iterator](): Iterator<unknown> {
    for (const { tag, value } of this.#group) if (tag === this.#tag) yield value;
  }
}
