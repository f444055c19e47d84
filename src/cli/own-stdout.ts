import type { Output } from './terminal.ts';

/**
 * Keeps the standard output for the command: what the program and its workers print goes to stderr until `release`.
 * Workers' output arrives by the main thread's stream, so replacing its method catches all there is.
 */
export function ownStdout(): { readonly stdout: Output; release(): void } {
  const original = process.stdout.write;
  const stdout: Output = { write: (text) => original.call(process.stdout, text) };
  process.stdout.write = ((...args: Parameters<typeof original>) => {
    process.stderr.write(...args);
    // A pipe that is told to wait would wait for stdout to drain.
    return true;
  }) as typeof original;
  return {
    stdout,
    release() {
      process.stdout.write = original;
    },
  };
}
