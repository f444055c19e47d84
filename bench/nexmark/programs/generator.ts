/** The events alone, without an engine: what a query's throughput contains of them. */
import { parseArgs } from 'node:util';
import { eventAt } from '../../../examples/nexmark/generator.ts';
import type { NexmarkEvent } from '../../../examples/nexmark/model.ts';
import { startMeasurement } from '../../harness/measurement.ts';

const { values } = parseArgs({ options: { events: { type: 'string', default: '1000000' } } });
const BATCH = 2000;

const stream = { start: Date.UTC(2026, 0, 1), rate: 10_000 };
const count = Number(values.events);
const end = startMeasurement();
let times = 0;
for (let n = 0; n < count; ) {
  // In batches, as the source makes them.
  const batch: NexmarkEvent[] = [];
  for (const last = Math.min(count, n + BATCH); n < last; n++) batch.push(eventAt(stream, n));
  for (const { at } of batch) times += at % 1000;
}
end([count, times]);
