/** Counts the rows of a table by their zone, for ever: `tally.ts '{"file": …}' or '{"connection": …}' TOTALS CHECKPOINTS`. */
import { pollPostgres, pollSqlite, writeSqlite } from '../../../src/io/sql/index.ts';
import { type DoFn, type GlobalWindow, type KV, Pipeline, state } from '../../../src/sdk/index.ts';

interface Row {
  readonly id: number;
  readonly zone: number;
}

const [source, file, checkpointDir] = process.argv.slice(2);
const from = JSON.parse(source);
const polled = { table: 'events', cursor: 'id', interval: '5ms', batchSize: 40 } as const;
const counting = { total: state.value<number>() };
const count: DoFn<KV<number, Row>, { zone: number; total: number }, {}, {}, GlobalWindow, typeof counting> = {
  state: counting,
  process([zone], { state: { total } }) {
    const next = (total.read() ?? 0) + 1;
    total.write(next);
    return [{ zone, total: next }];
  },
};

const pipeline = new Pipeline({ name: 'tally' });
pipeline
  .apply('file' in from ? pollSqlite<Row>({ ...polled, ...from }) : pollPostgres<Row>({ ...polled, ...from }))
  .keyBy('Zone', ({ zone }) => zone)
  .parDo('Count', count)
  .apply(writeSqlite({ file, table: 'totals', columns: ['zone', 'total'], mode: 'upsert', key: ['zone'] }))
  .map('Say', ({ rows }) => console.log(rows));
await pipeline.run({ threads: 0, checkpointDir, checkpointInterval: '20ms' });
