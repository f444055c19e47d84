const SEED = 0x9747b28c;
const M = 0x5bd1e995;

/**
 * MurmurHash2 of a key, without its sign: what Java's clients choose a partition by, so that records of one key meet in
 * one partition whoever writes them.
 */
export function keyHash(key: Uint8Array): number {
  const { length } = key;
  let hash = SEED ^ length;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    let word = key[at] | (key[at + 1] << 8) | (key[at + 2] << 16) | (key[at + 3] << 24);
    word = Math.imul(word, M);
    word ^= word >>> 24;
    hash = Math.imul(hash, M) ^ Math.imul(word, M);
  }
  const rest = length - at;
  if (rest >= 3) hash ^= key[at + 2] << 16;
  if (rest >= 2) hash ^= key[at + 1] << 8;
  if (rest >= 1) hash = Math.imul(hash ^ key[at], M);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, M);
  return (hash ^ (hash >>> 15)) & 0x7fffffff;
}
