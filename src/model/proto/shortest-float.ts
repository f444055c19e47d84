/** The shortest decimal that is `value` again after rounding to 32 bits: 0.1, not 0.10000000149011612. */
export function shortestFloat(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const shorter = Number(value.toPrecision(digits));
    if (Object.is(Math.fround(shorter), value)) return shorter;
  }
  return value;
}
