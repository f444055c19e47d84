import { IoError } from '../../sdk/index.ts';
import type { Decode } from './postgres-types.ts';

/** Deepest array that is read or written; Postgres itself has at most six dimensions. */
const MAX_DIMENSIONS = 6;

/**
 * The value of an array as Postgres prints it: `{1,NULL,"a,b",{…}}`. Lower bounds other than 1 (`[0:2]={…}`) are left
 * out.
 *
 * @throws IoError `SQL_VALUE` for what is no array
 */
export function parseArray(text: string, decode: Decode): unknown[] {
  let at = text.startsWith('[') ? text.indexOf('=') + 1 : 0;
  const wrong = () => new IoError('SQL_VALUE', `no array at character ${at}`);

  const quoted = (): string => {
    let value = '';
    for (at++; at < text.length; at++) {
      const char = text[at];
      if (char === '"') {
        at++;
        return value;
      }
      value += char === '\\' ? text[++at] : char;
    }
    throw wrong();
  };
  const bare = (): unknown => {
    const start = at;
    while (at < text.length && text[at] !== ',' && text[at] !== '}') at++;
    const value = text.slice(start, at);
    if (value === '') throw wrong();
    return value === 'NULL' ? null : decode(value);
  };
  const array = (depth: number): unknown[] => {
    if (text[at] !== '{' || depth > MAX_DIMENSIONS) throw wrong();
    const values: unknown[] = [];
    at++;
    if (text[at] === '}') {
      at++;
      return values;
    }
    for (;;) {
      values.push(text[at] === '{' ? array(depth + 1) : text[at] === '"' ? decode(quoted()) : bare());
      const next = text[at++];
      if (next === '}') return values;
      if (next !== ',') throw wrong();
    }
  };

  const values = array(1);
  if (at !== text.length) throw wrong();
  return values;
}

/** An array as Postgres reads it, of elements that are texts or null. */
export function arrayLiteral(elements: readonly (string | null)[]): string {
  let literal = '{';
  for (let i = 0; i < elements.length; i++) {
    const element = elements[i];
    if (i > 0) literal += ',';
    literal += element === null ? 'NULL' : quoteElement(element);
  }
  return `${literal}}`;
}

const PLAIN = /^[\w.+:-]+$/;

function quoteElement(text: string): string {
  if (PLAIN.test(text) && text.toUpperCase() !== 'NULL') return text;
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
