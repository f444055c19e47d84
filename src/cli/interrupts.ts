import { EXIT } from './exit-codes.ts';

/** Signals that end the command, and what it then exits with. */
const SIGNALS = { SIGINT: EXIT.cancelled, SIGTERM: EXIT.terminated } as const;

/**
 * Makes the first Ctrl-C (or SIGTERM) call `stop` and the second one `kill`, which is to end the process at once.
 *
 * @returns stops listening.
 */
export function onInterrupt(
  stop: (signal: string, exitCode: number) => void,
  kill: (exitCode: number) => void,
): () => void {
  let count = 0;
  const listener = (signal: keyof typeof SIGNALS): void => {
    count++;
    if (count === 1) stop(signal, SIGNALS[signal]);
    else kill(SIGNALS[signal]);
  };
  const names = Object.keys(SIGNALS) as (keyof typeof SIGNALS)[];
  for (const signal of names) process.on(signal, listener);
  return () => {
    for (const signal of names) process.off(signal, listener);
  };
}

/**
 * Waits for the first Ctrl-C (or SIGTERM), and closes what was served until then; the second one ends the process at once.
 *
 * @param tell is told which signal it was
 * @returns the exit code of a command that it has ended
 */
export async function untilInterrupted(
  close: () => Promise<void>,
  tell: (signal: string) => void = () => {},
): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const release = onInterrupt(
    (signal, exitCode) => {
      tell(signal);
      resolve(exitCode);
    },
    (exitCode) => process.exit(exitCode),
  );
  try {
    const exitCode = await promise;
    await close();
    return exitCode;
  } finally {
    release();
  }
}
