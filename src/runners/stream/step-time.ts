import type { StepClock } from './stage-unit.ts';

/** Processing time, the same during a step. With test streams it is theirs: it begins at zero and stands still. */
export class StepTime implements StepClock {
  processingTime: number;
  readonly #now: () => number;
  readonly isVirtual: boolean;

  constructor(now: () => number, isVirtual: boolean) {
    this.#now = now;
    this.isVirtual = isVirtual;
    this.processingTime = isVirtual ? 0 : now();
  }

  /** A step begins. Time does not go back, even when the machine's clock is set. */
  begin(): void {
    if (!this.isVirtual) this.processingTime = Math.max(this.processingTime, this.#now());
  }

  advance(byMillis: number): void {
    this.processingTime += byMillis;
  }

  /** When nothing else can happen, virtual time goes on to where something does. True when that is so. */
  skipTo(time: number): boolean {
    if (!this.isVirtual || time === Number.POSITIVE_INFINITY || time <= this.processingTime) return false;
    this.processingTime = time;
    return true;
  }
}
