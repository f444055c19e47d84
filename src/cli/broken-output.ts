import type { Readable } from 'node:stream';
import { EXIT } from './exit-codes.ts';

/** What has happened to the standard output. */
export interface BrokenOutput {
  readonly reason: string;
  readonly exitCode: number;
}

let broken: BrokenOutput | undefined;
let react: ((output: BrokenOutput) => void) | undefined;

/**
 * Takes the errors of the standard streams, which would end the process with a stack trace. Progress that nobody reads is
 * not worth ending a job for, so those of stderr are passed over. When stdout breaks, in `millrace run … | head`, the
 * process ends, or what `onBrokenOutput` has set happens.
 */
export function watchOutput(): void {
  process.stderr.on('error', () => {});
  // The streams of worker threads end here: what they still print is dropped, else they would wait for it to be read.
  process.stdout.on('unpipe', (source: Readable) => source.resume());
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (broken !== undefined) return;
    broken =
      error.code === 'EPIPE'
        ? { reason: 'nobody reads the standard output any more', exitCode: EXIT.unread }
        : { reason: `the standard output cannot be written: ${error.message}`, exitCode: EXIT.failed };
    if (react === undefined) process.exit(broken.exitCode);
    react(broken);
  });
}

/** Says what to do when stdout breaks; `undefined` to end the process at once again. */
export function onBrokenOutput(action: ((output: BrokenOutput) => void) | undefined): void {
  react = action;
}

/** What has happened, if it has. */
export function brokenOutput(): BrokenOutput | undefined {
  return broken;
}
