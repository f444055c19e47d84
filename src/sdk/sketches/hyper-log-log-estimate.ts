import { SPARSE_BITS } from './sparse-registers.ts';

/**
 * The improved raw estimator of O. Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017): one
 * formula for all cardinalities, where HyperLogLog++ switches between two and corrects by measured tables.
 */
export function estimateFromRegisters(registers: Uint8Array, precision: number): number {
  const m = registers.length;
  const longest = 64 - precision;
  const counts = new Float64Array(longest + 2);
  for (const run of registers) counts[run]++;
  let z = m * tau(1 - counts[longest + 1] / m);
  for (let k = longest; k >= 1; k--) z = (z + counts[k]) / 2;
  z += m * sigma(counts[0] / m);
  return (m * m) / (2 * Math.LN2 * z);
}

/** Linear counting: how many keys leave `hit` of the sparse registers not empty. */
export function estimateFromSparse(hit: number): number {
  const m = 2 ** SPARSE_BITS;
  return -m * Math.log1p(-hit / m);
}

/** x + Σ x^(2^k) 2^(k-1), by which registers that are still empty count. */
function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY;
  let x = share;
  let sum = share;
  for (let y = 1, before = Number.NaN; sum !== before; y *= 2) {
    x *= x;
    before = sum;
    sum += x * y;
  }
  return sum;
}

/** (1 - x - Σ (1 - x^(2^-k))² 2^-k) / 3, by which registers that are full count. */
function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let x = share;
  let sum = 1 - share;
  for (let y = 0.5, before = Number.NaN; sum !== before; y /= 2) {
    x = Math.sqrt(x);
    before = sum;
    sum -= (1 - x) ** 2 * y;
  }
  return sum / 3;
}
