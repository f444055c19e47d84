const SIZE = /^(\d+(?:\.\d+)?)\s*(?:([kmgt])(i)?)?b?$/i;
const POWERS = ['k', 'm', 'g', 't'];

/**
 * Bytes in a written size: `1048576`, `64KiB`, `1.5 GB`. `Ki`, `Mi`, `Gi`, `Ti` are powers of 1024, `k`, `M`, `G`, `T`
 * powers of 1000; a fraction of a byte is dropped.
 *
 * @returns `undefined` when the text is no size or lies past 2^53 − 1 bytes.
 */
export function parseByteSize(text: string): number | undefined {
  const match = SIZE.exec(text.trim());
  if (match === null) return undefined;
  const power = match[2] === undefined ? 0 : POWERS.indexOf(match[2].toLowerCase()) + 1;
  const bytes = Math.floor(Number(match[1]) * (match[3] === undefined ? 1000 : 1024) ** power);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
