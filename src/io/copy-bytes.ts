/** A copy of `bytes[start, end)` as a plain Uint8Array: `slice` of a Buffer would make another Buffer, or a view. */
export function copyBytes(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const copy = new Uint8Array(end - start);
  if (copy.length < 32) for (let i = 0; i < copy.length; i++) copy[i] = bytes[start + i];
  else copy.set(bytes.subarray(start, end));
  return copy;
}
