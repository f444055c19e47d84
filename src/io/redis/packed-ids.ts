/**
 * Ids of entries as a short text. Those of one millisecond whose numbers follow each other are one word, as in
 * `1700000000000-0+199` for two hundred: so a text grows with the time in which a stream was filled, by 20 bytes per
 * millisecond at most, however much came in it.
 */

/** @param ids which are as the server writes them */
export function packIds(ids: readonly string[]): string {
  const words: string[] = [];
  /** Of the word at hand: its first id, that with its dash, how many follow, and the number that would be the next. */
  let first = '';
  let millis = '';
  let more = 0;
  let next = Number.NaN;
  for (const id of ids) {
    const dash = id.indexOf('-') + 1;
    const sequence = Number(id.slice(dash));
    // Larger numbers are not told apart.
    if (sequence === next && Number.isSafeInteger(sequence) && id.startsWith(millis)) {
      more++;
      next++;
      continue;
    }
    if (first !== '') words.push(wordOf(first, more));
    first = id;
    millis = id.slice(0, dash);
    more = 0;
    next = sequence + 1;
  }
  if (first !== '') words.push(wordOf(first, more));
  return words.join(' ');
}

function wordOf(first: string, more: number): string {
  return more === 0 ? first : `${first}+${more}`;
}

/** What was given to {@link packIds}; several texts may have been joined by blanks. */
export function unpackIds(text: string): string[] {
  const ids: string[] = [];
  for (const word of text.split(' ')) {
    if (word === '') continue;
    const plus = word.indexOf('+');
    if (plus < 0) {
      ids.push(word);
      continue;
    }
    const dash = word.indexOf('-') + 1;
    const millis = word.slice(0, dash);
    const first = Number(word.slice(dash, plus));
    const more = Number(word.slice(plus + 1));
    for (let i = 0; i <= more; i++) ids.push(`${millis}${first + i}`);
  }
  return ids;
}
