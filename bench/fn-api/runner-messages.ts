import type { ShapeName } from './shapes.ts';

/** What the runner's thread is told at its start. */
export interface RunnerData {
  readonly shape: ShapeName;
  readonly bundles: number;
  /** Bundles before the first that counts. */
  readonly warmUp: number;
}

/** What it tells the harness's thread. */
export type FromRunner =
  | { readonly type: 'serving'; readonly control: string; readonly state: string }
  | { readonly type: 'warm' }
  | { readonly type: 'bundle'; readonly seconds: number; readonly stateCalls: number }
  | { readonly type: 'done' };
