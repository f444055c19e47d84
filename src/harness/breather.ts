/** Longest time that a bundle keeps the event loop from its turn, as far as the engine can help it. */
const WITHOUT_PAUSE_MILLIS = 50;

/** A function that gives a promise when it is time for the event loop: signals, timers, messages, output. */
export function breather(): () => Promise<void> | undefined {
  let last = performance.now();
  return () => {
    if (performance.now() - last < WITHOUT_PAUSE_MILLIS) return undefined;
    return new Promise((resolve) =>
      setImmediate(() => {
        last = performance.now();
        resolve();
      }),
    );
  };
}
