import type { ToWorker } from '../core/coordination/messages.ts';

/** A worker as the job holds it, whatever it runs on. */
export interface WorkerHost {
  readonly id: string;
  send(message: ToWorker): void;
  /** Share of the running restriction that is done, 0 to 1. */
  readonly share: number;
  /** Stage and step at work, for the profile; `undefined` when idle or unknown. */
  readonly position: { readonly stage: number; readonly step: number } | undefined;
  /** Ends the worker, by force if it does not end by itself. */
  stop(): Promise<void>;
}
