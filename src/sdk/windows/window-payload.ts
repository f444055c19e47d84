/**
 * Payloads of Beam's standard window functions, written by hand: they hold at most three durations each, and the SDK
 * stays free of the generated model. A field is `google.protobuf.Duration` or `Timestamp`; both are
 * `{ int64 seconds = 1; int32 nanos = 2; }`.
 */
export function windowPayload(fields: readonly (readonly [field: number, millis: number])[]): Uint8Array {
  const bytes: number[] = [];
  for (const [field, millis] of fields) {
    const span: number[] = [];
    const seconds = Math.floor(millis / 1000);
    const nanos = (millis - seconds * 1000) * 1_000_000;
    if (seconds !== 0) varint((1 << 3) | 0, seconds, span);
    if (nanos !== 0) varint((2 << 3) | 0, nanos, span);
    bytes.push((field << 3) | 2, span.length, ...span);
  }
  return Uint8Array.from(bytes);
}

function varint(tag: number, value: number, out: number[]): void {
  out.push(tag);
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) out.push((rest % 128) | 0x80);
  out.push(rest);
}
