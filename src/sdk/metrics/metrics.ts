/** A sum of increments. */
export interface Counter {
  inc(by?: number): void;
  dec(by?: number): void;
}

/** Count, sum, minimum and maximum of the values seen; numbers, usually integers. */
export interface Distribution {
  update(value: number): void;
}

/** The latest value set; between workers the one with the later time wins. */
export interface Gauge {
  set(value: number): void;
}

/** The set of distinct strings seen; at most 1,000 are kept. */
export interface StringSet {
  add(value: string): void;
}

/** Makes or finds the metrics of one transform by name. */
export interface MetricsScope {
  counter(name: string): Counter;
  distribution(name: string): Distribution;
  gauge(name: string): Gauge;
  stringSet(name: string): StringSet;
}
