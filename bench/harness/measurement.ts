/** What every measured program, in whatever language, prints as its last line: one JSON object. */
export interface Measurement {
  /** The work itself, without the start of the process. */
  readonly seconds: number;
  /** Two numbers that depend on every element; all programs of a workload must print the same. */
  readonly answer: readonly [number, number];
  /** Largest resident set of the process; absent where the program cannot tell. */
  readonly maxRssBytes?: number;
}

/** Prints the measurement of this process. */
export function report(seconds: number, answer: Measurement['answer']): void {
  const measurement: Measurement = { seconds, answer, maxRssBytes: process.resourceUsage().maxRSS * 1024 };
  console.log(JSON.stringify(measurement));
}
