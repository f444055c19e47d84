import type { NexmarkStream } from '../../examples/nexmark/generator.ts';
import type { Duration } from '../../src/sdk/index.ts';

/** What the program that is killed is told. */
export interface FaultSettings {
  readonly stream: NexmarkStream;
  readonly events: number;
  /** SQLite file that the results are written to. */
  readonly database: string;
  readonly checkpointDir: string;
  readonly checkpointInterval: Duration;
  readonly memory: string;
  /** When this file appears, a user function throws once. */
  readonly failFile: string;
}
