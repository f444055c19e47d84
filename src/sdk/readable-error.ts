/**
 * What was thrown, or something in its place when that throws as soon as it is looked at: a proxy, an error with getters.
 * Whoever reports failures must not fail over them.
 */
export function readableError(thrown: unknown): unknown {
  try {
    if (!(thrown instanceof Error)) return thrown;
    const { name, message, stack, cause } = thrown;
    void [name, message, stack, cause];
    return thrown;
  } catch {
    return new Error('What was thrown cannot be read');
  }
}
