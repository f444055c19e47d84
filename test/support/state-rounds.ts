import type { LogLimits } from '../../src/runners/core/state/log-state-backend.ts';
import type { StateBackend } from '../../src/runners/core/state/state-backend.ts';

/** Small segments, so that some are made and cleaned in every round or two. */
export const LIMITS: LogLimits = { segment: 64 * 1024, frame: 4 * 1024, slack: 64 * 1024, index: 64 * 1024 };

const KEYS = 500;

/** The round that was committed last; 0 when none was. */
export function roundOf(backend: StateBackend): number {
  return Number(Buffer.from(backend.blob('round') ?? []).toString() || 0);
}

/** Keys that a round writes. */
export function writtenIn(round: number): number[] {
  return Array.from({ length: KEYS }, (_, key) => key).filter((key) => (key * 7 + round) % 3 === 0);
}

/** What a round writes for a key. */
export function contentOf(key: number, round: number): Buffer {
  return Buffer.from(`${key}@${round}`.padEnd(40 + (key % 50), '.'));
}

/** What there must be after a round, by key. */
export function stateAfter(round: number): Map<string, string> {
  const state = new Map<string, string>();
  // Every key is written in one of any three rounds.
  for (let each = Math.max(1, round - 2); each <= round; each++) {
    for (const key of writtenIn(each)) state.set(`k${key}`, contentOf(key, each).toString());
  }
  return state;
}
