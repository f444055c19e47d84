/**
 * Makes the first Ctrl-C (or SIGTERM) call `cancel` and the second one end the process at once.
 *
 * @returns stops listening.
 */
export function onInterrupt(cancel: (signal: string) => void, kill: () => void): () => void {
  let count = 0;
  const listener = (signal: string): void => {
    count++;
    if (count === 1) cancel(signal);
    else kill();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, listener);
  return () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, listener);
  };
}
