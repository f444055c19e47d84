/**
 * What ten thousand taxi trips in Chicago tell: `npm run demo`, or `node examples/demo.ts`.
 *
 * A plain program: it builds a pipeline, runs it on all cores and prints the answer. Options of the runner are read from
 * the command line, e.g. `npm run demo -- --threads 0`.
 */
import { join, relative } from 'node:path';
import { asSingleton, count, mapInputs, mean, Pipeline, parsePipelineOptions, sum, toList, top, tuple } from 'millrace';
import { readCsv } from 'millrace/io';

const { run } = parsePipelineOptions(process.argv.slice(2), {});
const file = join(import.meta.dirname, 'data', 'taxi.csv');

interface Trip {
  readonly payment_type: string;
  readonly company: string | null;
  readonly trip_start_hour: number;
  readonly fare: number;
  readonly tips: number;
}

const p = new Pipeline({ name: 'demo', ...run });

const trips = p.apply(
  readCsv(file, {
    schema: { payment_type: 'string', company: 'string?', trip_start_hour: 'int', fare: 'float', tips: 'float' },
  }),
);

const payments = trips
  .keyBy('payment', (trip) => trip.payment_type)
  .combinePerKey(
    tuple({
      trips: count(),
      fare: mapInputs((trip: Trip) => trip.fare, mean()),
      fares: mapInputs((trip: Trip) => trip.fare, sum()),
      tips: mapInputs((trip: Trip) => trip.tips, sum()),
    }),
  )
  .combine(top(3, ([, totals]) => totals.trips));

const hours = trips
  .keyBy('hour', (trip) => trip.trip_start_hour)
  .combinePerKey(count())
  .combine(toList());

const companies = trips
  .flatMap('company', (trip) => (trip.company === null ? [] : [trip.company]))
  .keyBy('by company', (company) => company)
  .combinePerKey(count())
  .combine(top(3, ([, n]) => n));

p.create(['Chicago taxi trips']).parDo('print', {
  sides: { payments: asSingleton(payments), hours: asSingleton(hours), companies: asSingleton(companies) },
  process(title, { sides }) {
    const lines = [title, ''];
    for (const [payment, totals] of sides.payments) {
      const tip = ((100 * totals.tips) / totals.fares).toFixed(1);
      lines.push(`  ${payment.padEnd(12)} ${totals.trips} trips, mean fare $${totals.fare.toFixed(2)}, tip ${tip} %`);
    }
    const byHour = Array.from({ length: 24 }, (_, hour) => sides.hours.find(([h]) => h === hour)?.[1] ?? 0);
    const busiest = Math.max(...byHour);
    const bars = byHour.map((n) => '▁▂▃▄▅▆▇█'[Math.round((7 * n) / busiest)]).join('');
    lines.push('', `  By hour      0h ${bars} 23h, most at ${byHour.indexOf(busiest)}h`);
    lines.push(`  Companies    ${sides.companies.map(([company, n]) => `${company} (${n})`).join(', ')}`);
    console.log(lines.join('\n'));
    return [];
  },
});

const result = await p.run();
const rows = result.metrics.transforms.find(({ transform }) => transform === 'ReadCsv/Read')?.elementsOut.main;
console.log(`\n${rows} rows of ${relative('.', file)} in ${Math.round(result.millis)} ms`);
