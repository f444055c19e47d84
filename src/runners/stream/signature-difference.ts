/** A checksum as it stands in signatures, of what the words before it leave out. */
const CHECKSUM = String.raw`\([0-9a-f]{8}\)`;
/** The parts of a signature of elements in windows. */
const SIGNATURE = new RegExp(
  String.raw`^(?<elements>.*? ${CHECKSUM}) in (?<windows>.*? ${CHECKSUM})(?:, accumulators (?<accumulators>.*? ${CHECKSUM}))?(?<layout>, by window)?$`,
);

/** In which parts two signatures differ, as `windows fixed(1m) → fixed(2m)`; empty where they have not the same parts. */
export function signatureDifference(before: string, now: string): string {
  const was = SIGNATURE.exec(before)?.groups;
  const is = SIGNATURE.exec(now)?.groups;
  if (was === undefined || is === undefined) return '';
  const differences: string[] = [];
  for (const part of ['elements', 'windows', 'accumulators']) {
    const [a, b] = [was[part] ?? 'none', is[part] ?? 'none'];
    if (a === b) continue;
    const [words, others] = [withoutChecksum(a), withoutChecksum(b)];
    differences.push(words === others ? `${part} ${a} → ${b}` : `${part} ${words} → ${others}`);
  }
  return differences.join('; ');
}

function withoutChecksum(text: string): string {
  return text.replace(new RegExp(` ${CHECKSUM}$`), '');
}
