/** Which of the known names a list has, in their own order. @throws Error with a message for the user */
export function someOf<T extends string>(option: string, list: string, known: readonly T[]): readonly T[] {
  const wanted = list.split(',');
  const unknown = wanted.find((each) => !known.some((name) => name === each));
  if (unknown !== undefined) throw new Error(`--${option} knows ${known.join(', ')}, not ${unknown}`);
  return known.filter((name) => wanted.includes(name));
}

/** @throws Error with a message for the user */
export function positive(option: string, text: string, most: number): number {
  return checked(option, text, 'a number', most, () => true);
}

/** As {@link positive}, without a fraction. @throws Error with a message for the user */
export function wholeNumber(option: string, text: string, most?: number): number {
  return checked(option, text, 'a whole number', most, Number.isSafeInteger);
}

function checked(
  option: string,
  text: string,
  kind: string,
  most: number | undefined,
  isOfKind: (number: number) => boolean,
): number {
  const number = Number(text);
  if (number > 0 && number <= (most ?? Number.POSITIVE_INFINITY) && isOfKind(number)) return number;
  throw new Error(`--${option} must be ${kind} above 0${most === undefined ? '' : `, at most ${most}`}`);
}
