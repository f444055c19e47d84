/** Two FNV-1a hashes as hexadecimal digits: enough to tell versions of something apart, not to withstand an enemy. */
export function hashText(bytes: Uint8Array): string {
  let a = 0x811c9dc5;
  let b = 0x050c5d1f;
  for (const byte of bytes) {
    a = Math.imul(a ^ byte, 0x01000193);
    b = Math.imul(b ^ byte, 0x01000197);
  }
  return (a >>> 0).toString(16) + (b >>> 0).toString(16);
}
