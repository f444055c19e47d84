/** Changes when what is shared changes so that older copies could not work with it. */
const SLOT = Symbol.for('millrace.shared.1');
const holder = globalThis as { [SLOT]?: Map<string, unknown> };

/**
 * The thread's one thing of that name. A program may load the library more than once: from source and compiled, or because
 * two of its packages each have it installed. What is compared by identity must be the same in all copies; the first
 * that is loaded makes it.
 */
export function oneForAllCopies<T>(name: string, make: () => T): T {
  holder[SLOT] ??= new Map();
  const things = holder[SLOT];
  if (!things.has(name)) things.set(name, make());
  return things.get(name) as T;
}
