import type { ToWorker } from '../core/coordination/messages.ts';
import type { RunningShare } from '../core/coordination/stage-state.ts';

/** How long a worker may take to tear down before it is stopped by force. */
export const STOP_GRACE_MILLIS = 5000;

/** Where in a stage a worker is; `step` as the harness marks it. */
export interface WorkerPosition {
  readonly stage: number;
  readonly step: number;
}

/** A worker as the job holds it, whatever it runs on. */
export interface WorkerHost {
  readonly id: string;
  send(message: ToWorker): void;
  /** How far it is with a bundle. */
  share(bundle: number): RunningShare;
  /** For the profile; `undefined` when idle or unknown. */
  readonly position: WorkerPosition | undefined;
  /** Ends the worker, by force if it does not end by itself. @throws what went wrong in teardown. */
  stop(): Promise<void>;
}
