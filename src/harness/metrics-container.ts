import { UserCodeError } from '../sdk/errors.ts';
import { MAX_STRING_SET, type MetricCell, type MetricCells } from '../sdk/metrics/metric-cells.ts';
import type { Counter, Distribution, Gauge, MetricsScope, StringSet } from '../sdk/metrics/metrics.ts';
import { describeElement } from './describe-element.ts';

/** Most user metrics of one transform. */
const MAX_METRICS = 10_000;

function wrongValue(kind: string, value: unknown): UserCodeError {
  const wanted = kind === 'string set' ? 'texts' : kind === 'counter' ? 'finite numbers' : 'numbers';
  return new UserCodeError('METRIC_INVALID', `A ${kind} takes ${wanted}, not ${describeElement(value)}`, {
    final: true,
  });
}

class CounterCell implements Counter {
  readonly kind = 'counter';
  value = 0;
  inc(by = 1): void {
    // One wrong step would spoil the sum of the whole job.
    if (!Number.isFinite(by)) throw wrongValue('counter', by);
    this.value += by;
  }
  dec(by = 1): void {
    this.inc(-by);
  }
  snapshot(): MetricCell {
    return { kind: 'counter', value: this.value };
  }
  reset(): void {
    this.value = 0;
  }
}

class DistributionCell implements Distribution {
  readonly kind = 'distribution';
  count = 0;
  sum = 0;
  min = Number.NaN;
  max = Number.NaN;
  update(value: number): void {
    if (typeof value !== 'number') throw wrongValue('distribution', value);
    this.count++;
    this.sum += value;
    if (Number.isNaN(value)) return;
    if (!(value >= this.min)) this.min = value;
    if (!(value <= this.max)) this.max = value;
  }
  snapshot(): MetricCell {
    return { kind: 'distribution', value: { count: this.count, sum: this.sum, min: this.min, max: this.max } };
  }
  reset(): void {
    this.count = 0;
    this.sum = 0;
    this.min = Number.NaN;
    this.max = Number.NaN;
  }
}

class GaugeCell implements Gauge {
  readonly kind = 'gauge';
  value = Number.NaN;
  at = 0;
  readonly #now: () => number;
  constructor(now: () => number) {
    this.#now = now;
  }
  set(value: number): void {
    if (typeof value !== 'number') throw wrongValue('gauge', value);
    this.value = value;
    this.at = this.#now();
  }
  snapshot(): MetricCell {
    return { kind: 'gauge', value: this.value, at: this.at };
  }
}

class StringSetCell implements StringSet {
  readonly kind = 'stringSet';
  readonly #values = new Set<string>();
  add(value: string): void {
    if (typeof value !== 'string') throw wrongValue('string set', value);
    if (this.#values.size < MAX_STRING_SET) this.#values.add(value);
  }
  snapshot(): MetricCell {
    return { kind: 'stringSet', value: [...this.#values] };
  }
}

type Cell = CounterCell | DistributionCell | GaugeCell | StringSetCell;

/** User metrics of one transform in one bundle. A handle stays valid for the bundle that asked for it. */
export class TransformMetrics implements MetricsScope {
  readonly #cells = new Map<string, Cell>();
  readonly #transform: string;
  readonly #now: () => number;

  constructor(transform: string, now: () => number) {
    this.#transform = transform;
    this.#now = now;
  }

  counter(name: string): Counter {
    return this.#cell(name, 'counter', () => new CounterCell()) as CounterCell;
  }
  distribution(name: string): Distribution {
    return this.#cell(name, 'distribution', () => new DistributionCell()) as DistributionCell;
  }
  gauge(name: string): Gauge {
    return this.#cell(name, 'gauge', () => new GaugeCell(this.#now)) as GaugeCell;
  }
  stringSet(name: string): StringSet {
    return this.#cell(name, 'stringSet', () => new StringSetCell()) as StringSetCell;
  }

  #cell(name: string, kind: Cell['kind'], make: () => Cell): Cell {
    let cell = this.#cells.get(name);
    if (cell === undefined) {
      // A runner takes nothing but Unicode for a name.
      if (typeof name !== 'string' || name === '' || !name.isWellFormed()) {
        throw new UserCodeError('METRIC_INVALID', `A metric's name is a text, not ${describeElement(name)}`, {
          final: true,
        });
      }
      if (this.#cells.size >= MAX_METRICS) {
        throw new UserCodeError('METRICS_TOO_MANY', `'${this.#transform}' makes more than ${MAX_METRICS} metrics`, {
          final: true,
          hint: 'a name that holds data makes a metric for each element',
        });
      }
      cell = make();
      this.#cells.set(name, cell);
    } else if (cell.kind !== kind) {
      throw new UserCodeError('METRIC_INVALID', `The metric '${name}' is a ${cell.kind}, not a ${kind}`, {
        final: true,
      });
    }
    return cell;
  }

  /** What the bundle has counted, if anything. */
  snapshot(): MetricCells | undefined {
    if (this.#cells.size === 0) return undefined;
    const cells: MetricCells = Object.create(null);
    for (const [name, cell] of this.#cells) cells[name] = cell.snapshot();
    return cells;
  }

  /** What has been counted since the last time; handles stay valid. Gauges and string sets merge with themselves. */
  take(): MetricCells | undefined {
    const cells = this.snapshot();
    for (const cell of this.#cells.values()) if ('reset' in cell) cell.reset();
    return cells;
  }
}
