import { inspect } from 'node:util';

/** Most characters of an element in an error message. */
export const ELEMENT_EXCERPT = 200;

/** A short, one-line rendering of an element for error messages; never throws, whatever the element does. */
export function describeElement(element: unknown): string {
  let text: string;
  try {
    text = inspect(shorten(element), {
      depth: 3,
      compact: true,
      maxArrayLength: 8,
      maxStringLength: 80,
      breakLength: Number.POSITIVE_INFINITY,
      customInspect: false,
      getters: false,
    });
  } catch (error) {
    return `<unprintable: ${error instanceof Error ? error.name : typeof error}>`;
  }
  // Errors, functions and classes have lines of their own.
  text = text.replaceAll(/\s*\n\s*/g, ' ');
  return text.length <= ELEMENT_EXCERPT ? text : `${text.slice(0, ELEMENT_EXCERPT)}… (${text.length} characters)`;
}

/** Grouped values may be read from disk; a message shows only that they are there. */
function shorten(element: unknown): unknown {
  if (!Array.isArray(element) || element.length !== 2) return element;
  const [key, value] = element;
  const lazy = typeof value === 'object' && value !== null && !Array.isArray(value) && Symbol.iterator in value;
  return lazy && !(value instanceof Map) && !(value instanceof Set) && !ArrayBuffer.isView(value)
    ? [key, '<iterable>']
    : element;
}
