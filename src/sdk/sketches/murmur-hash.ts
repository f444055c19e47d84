const C1 = 0x239b961b;
const C2 = 0xab0e9789 | 0;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93 | 0;

/**
 * MurmurHash3_x86_128 of `bytes[start, end)`, as four words: fast on short keys, with 32-bit multiplications that JavaScript has.
 * Sketches that were written down depend on it: it never changes.
 */
export function murmurHash(bytes: Buffer, start: number, end: number, seed: number, into: Uint32Array): void {
  let h1 = seed | 0;
  let h2 = seed | 0;
  let h3 = seed | 0;
  let h4 = seed | 0;
  const length = end - start;
  let at = start;
  for (const blocks = end - (length & 15); at < blocks; at += 16) {
    h1 ^= Math.imul(rotate(Math.imul(word(bytes, at), C1), 15), C2);
    h1 = (Math.imul((rotate(h1, 19) + h2) | 0, 5) + 0x561ccd1b) | 0;
    h2 ^= Math.imul(rotate(Math.imul(word(bytes, at + 4), C2), 16), C3);
    h2 = (Math.imul((rotate(h2, 17) + h3) | 0, 5) + 0x0bcaa747) | 0;
    h3 ^= Math.imul(rotate(Math.imul(word(bytes, at + 8), C3), 17), C4);
    h3 = (Math.imul((rotate(h3, 15) + h4) | 0, 5) + 0x96cd1c35) | 0;
    h4 ^= Math.imul(rotate(Math.imul(word(bytes, at + 12), C4), 18), C1);
    h4 = (Math.imul((rotate(h4, 13) + h1) | 0, 5) + 0x32ac3b17) | 0;
  }
  if (at < end) {
    h1 ^= Math.imul(rotate(Math.imul(tail(bytes, at, end), C1), 15), C2);
    if (end - at > 4) h2 ^= Math.imul(rotate(Math.imul(tail(bytes, at + 4, end), C2), 16), C3);
    if (end - at > 8) h3 ^= Math.imul(rotate(Math.imul(tail(bytes, at + 8, end), C3), 17), C4);
    if (end - at > 12) h4 ^= Math.imul(rotate(Math.imul(tail(bytes, at + 12, end), C4), 18), C1);
  }
  h1 ^= length;
  h2 ^= length;
  h3 ^= length;
  h4 ^= length;
  h1 = (h1 + h2 + h3 + h4) | 0;
  const m1 = mix(h1);
  const m2 = mix((h2 + h1) | 0);
  const m3 = mix((h3 + h1) | 0);
  const m4 = mix((h4 + h1) | 0);
  const first = (m1 + m2 + m3 + m4) | 0;
  into[0] = first;
  into[1] = m2 + first;
  into[2] = m3 + first;
  into[3] = m4 + first;
}

function word(bytes: Buffer, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}

/** The up to four bytes from `at`, little-endian. */
function tail(bytes: Buffer, at: number, end: number): number {
  let value = 0;
  for (let i = Math.min(end, at + 4) - 1; i >= at; i--) value = (value << 8) | bytes[i];
  return value;
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** Makes every bit depend on every bit. */
export function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
