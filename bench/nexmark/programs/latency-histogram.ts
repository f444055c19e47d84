/** Milliseconds from the moment at which a result could be had to its arrival at the sink. */
export interface LatencySummary {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Buckets of a tenth of a millisecond, up to a minute. */
const PER_MILLISECOND = 10;
const BUCKETS = 60_000 * PER_MILLISECOND;

/** Counts latencies without keeping them: millions come. */
export class LatencyHistogram {
  readonly #counts = new Float64Array(BUCKETS);
  #count = 0;
  #max = 0;

  add(millis: number): void {
    this.#counts[Math.min(BUCKETS - 1, Math.floor(millis * PER_MILLISECOND))]++;
    this.#count++;
    if (millis > this.#max) this.#max = millis;
  }

  /** Upper bounds of the buckets; zeros when nothing was counted. */
  summary(): LatencySummary {
    const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => this.#quantile(share));
    return { count: this.#count, p50, p95, p99, max: this.#max };
  }

  #quantile(share: number): number {
    let left = Math.ceil(this.#count * share);
    if (left === 0) return 0;
    let bucket = -1;
    while (left > 0) left -= this.#counts[++bucket];
    return Math.min(this.#max, (bucket + 1) / PER_MILLISECOND);
  }
}
