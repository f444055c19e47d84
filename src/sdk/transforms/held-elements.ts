import { ByteWriter } from '../coders/byte-writer.ts';
import { defaultCoder } from '../coders/default-coder.ts';
import { hashText } from '../graph/hash-text.ts';

/** Elements that are looked at: a list that differs mostly differs at its start, or in its length. */
const SAMPLE = 1000;
/** Characters of the first element that are shown. */
const EXCERPT = 60;

/** A line about a list of elements, to tell two lists apart: its length, a hash of its start, and the first element. */
export function elementsText(elements: readonly unknown[]): string {
  const out = new ByteWriter(256);
  for (const element of elements.slice(0, SAMPLE)) {
    const at = out.length;
    try {
      defaultCoder.encode(element, out, true);
    } catch {
      // Nothing but this program's coder for the collection knows what it holds.
      out.length = at;
    }
  }
  const count = `${elements.length} ${elements.length === 1 ? 'element' : 'elements'}`;
  return elements.length === 0 ? count : `${count} #${hashText(out.view())} from ${excerpt(elements[0])}`;
}

function excerpt(element: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(element);
  } catch {
    text = undefined;
  }
  if (text === undefined) return `a ${typeof element}`;
  return text.length <= EXCERPT ? text : `${text.slice(0, EXCERPT)}…`;
}
