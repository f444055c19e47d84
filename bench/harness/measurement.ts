/** What every measured program, in whatever language, prints as its last line: one JSON object. */
export interface Measurement {
  /** The work itself, without the start of the process. */
  readonly seconds: number;
  /** Two numbers that depend on every element; all programs of a workload must print the same. */
  readonly answer: readonly [number, number];
  /** Processor time of all threads during the work; absent where the program cannot tell, like the next. */
  readonly cpuSeconds?: number;
  /** Largest resident set of the process, up to its end. */
  readonly maxRssBytes?: number;
}

/** Starts a measurement; the returned function ends it and prints it, with what else there is to say. */
export function startMeasurement(): (answer: Measurement['answer'], more?: object) => void {
  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  return (answer, more = {}) => {
    const seconds = (performance.now() - start) / 1000;
    const { user, system } = process.cpuUsage(cpuBefore);
    const maxRssBytes = process.resourceUsage().maxRSS * 1024;
    const measurement: Measurement = { seconds, answer, cpuSeconds: (user + system) / 1e6, maxRssBytes };
    console.log(JSON.stringify({ ...measurement, ...more }));
  };
}
