import type { CsvDialect } from './csv-dialect.ts';

/** The text between quotes without its escapes. */
export function unquote(text: string, { quote, escapedBy }: CsvDialect): string {
  if (escapedBy === quote) {
    const mark = String.fromCharCode(quote);
    return text.replaceAll(mark + mark, mark);
  }
  const mark = String.fromCharCode(escapedBy);
  let plain = '';
  let from = 0;
  for (let at = text.indexOf(mark); at >= 0 && at + 1 < text.length; at = text.indexOf(mark, at + 2)) {
    plain += text.slice(from, at);
    from = at + 1;
  }
  return plain + text.slice(from);
}
