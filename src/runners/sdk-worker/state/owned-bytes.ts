/** The same bytes in memory of their own, which may be given to another thread; as they are where they have it already. */
export function ownedBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteLength } = bytes;
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) return bytes as Uint8Array<ArrayBuffer>;
  const copy = new Uint8Array(byteLength);
  copy.set(bytes);
  return copy;
}
