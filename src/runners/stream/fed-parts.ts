import type { CheckpointPart } from './engine-checkpoint.ts';

/** Ids of the parts that something of a root comes into, directly or through others; undefined for what is no root. */
export function fedBy(root: CheckpointPart, parts: readonly CheckpointPart[]): readonly string[] | undefined {
  if (root.isRoot !== true) return undefined;
  const fed = new Set<CheckpointPart>([root]);
  // Those that write come before those that read.
  for (const part of parts) if (part.upstream?.some((each) => fed.has(each))) fed.add(part);
  fed.delete(root);
  return Array.from(fed, ({ id }) => id);
}

/**
 * A root of a checkpoint that is gone while one that the checkpoint does not know feeds what that one has fed: mostly it has
 * another name, and would give everything a second time.
 */
export function replacedRoot(
  saved: readonly { readonly id: string; readonly feeds?: readonly string[] }[],
  parts: readonly CheckpointPart[],
): { readonly gone: string; readonly root: string; readonly fed: string } | undefined {
  const ids = new Set(parts.map(({ id }) => id));
  const known = new Set(saved.map(({ id }) => id));
  const gone = saved.filter(({ id, feeds }) => feeds !== undefined && !ids.has(id));
  if (gone.length === 0) return undefined;
  for (const part of parts) {
    if (known.has(part.id)) continue;
    for (const fed of fedBy(part, parts) ?? []) {
      const before = gone.find(({ feeds }) => feeds?.includes(fed) === true);
      if (before !== undefined) return { gone: before.id, root: part.id, fed };
    }
  }
  return undefined;
}
