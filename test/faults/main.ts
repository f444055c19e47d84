/**
 * A stream whose process is killed, stopped and made to fail, again and again, and whose results must be exact:
 *
 *     npm run faults -- kill --kills 200 --events 10000000
 *     npm run faults -- soak --minutes 60 --every 7 [--kills 0]
 *
 * Exit code 0: all results are those of a plain computation.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type FaultKind, type FaultPlan, runWithFaults } from './run-with-faults.ts';
import { soakReport } from './soak-report.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    kills: { type: 'string', default: '200' },
    events: { type: 'string', default: '10000000' },
    minutes: { type: 'string', default: '60' },
    every: { type: 'string', default: '7' },
    rate: { type: 'string' },
    seed: { type: 'string', default: '1' },
    report: { type: 'string' },
  },
});

const plans: Record<string, () => FaultPlan> = {
  kill() {
    const [events, kills] = [Number(values.events), Number(values.kills)];
    const meanSeconds = 1.6;
    const rate = Number(values.rate ?? Math.ceil(events / (kills * meanSeconds)));
    const kinds: FaultKind[] = ['kill'];
    return { events, rate, kinds, most: kills, meanSeconds, seed: Number(values.seed), memory: '256MiB' };
  },
  soak() {
    const [minutes, every, rate] = [Number(values.minutes), Number(values.every), Number(values.rate ?? 3000)];
    // Failures and pauses leave the process alive, so that its memory can be watched; a few kills are among them.
    const alive: FaultKind[] = [...Array<FaultKind>(16).fill('fail'), ...Array<FaultKind>(3).fill('pause')];
    const kinds: FaultKind[] = values.kills === '0' ? alive : [...alive, 'kill'];
    return {
      events: minutes * 60 * rate,
      rate,
      kinds,
      meanSeconds: every,
      seed: Number(values.seed),
      // Well below the bound of the heap, where state has its place too when the machine is too slow for the rate.
      memory: '64MiB',
    };
  },
};

const plan = plans[positionals[0] ?? 'kill'];
if (plan === undefined) {
  console.error('npm run faults -- kill|soak');
  process.exit(2);
}
const result = await runWithFaults(plan(), console.log);
console.log(JSON.stringify({ ...result, memory: undefined }));
if (values.report !== undefined) writeFileSync(values.report, soakReport(result, process.argv.slice(2)));
if (result.differences.length > 0) {
  for (const difference of result.differences) console.error(difference);
  process.exitCode = 1;
}
