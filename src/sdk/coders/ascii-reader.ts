/**
 * Short strings are most of what is decoded, and a call into V8's string decoder costs as much as all the rest of a small
 * value. `String.fromCharCode` with the bytes as arguments stays in compiled code; it needs one call site per length.
 */
const MAX_LENGTH = 24;

type ReadAscii = (bytes: Buffer, at: number, count: number) => string | undefined;

/** The string of `count` bytes, or `undefined` when one is not ASCII or there are too many. */
export const readAscii: ReadAscii = compile();

function compile(): ReadAscii {
  const cases: string[] = [];
  for (let count = 1; count <= MAX_LENGTH; count++) {
    const names = Array.from({ length: count }, (_, i) => `c${i}`);
    const loads = names.map((name, i) => `${name} = bytes[at + ${i}]`);
    cases.push(`case ${count}: {
      const ${loads.join(', ')};
      return (${names.join(' | ')}) < 128 ? String.fromCharCode(${names.join(', ')}) : undefined;
    }`);
  }
  try {
    return new Function(
      'bytes',
      'at',
      'count',
      `switch (count) { case 0: return ''; ${cases.join('\n')} }`,
    ) as ReadAscii;
  } catch (error) {
    // The process forbids code generation.
    if (error instanceof EvalError) return () => undefined;
    throw error;
  }
}
