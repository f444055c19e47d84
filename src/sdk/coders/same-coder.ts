import type { Coder } from './coder.ts';

const NO_PAYLOAD = new Uint8Array(0);

/** Whether two coders write the same bytes for the same values, as far as their URNs, payloads and components tell. */
export function sameCoder(a: Coder<unknown>, b: Coder<unknown>): boolean {
  if (a === b) return true;
  return (
    a.urn === b.urn &&
    Buffer.compare(a.payload ?? NO_PAYLOAD, b.payload ?? NO_PAYLOAD) === 0 &&
    a.components.length === b.components.length &&
    a.components.every((component, i) => sameCoder(component, b.components[i]))
  );
}
