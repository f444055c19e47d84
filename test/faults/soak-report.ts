import type { FaultResult, MemorySample } from './run-with-faults.ts';

/** Samples of younger processes are of their start, not of their work. */
const WARM_SECONDS = 60;

/** What a soak has shown, as Markdown. */
export function soakReport(result: FaultResult, command: readonly string[]): string {
  const { plan, seconds, faults, rows, differences, memory } = result;
  const warm = memory.filter(({ age }) => age >= WARM_SECONDS);
  const sizes = warm.map(({ megabytes }) => megabytes);
  const lines = [
    '# Soak',
    '',
    `Measured ${new Date().toISOString().slice(0, 10)} with \`npm run faults -- ${command.join(' ').replace(/ --report \S+/, '')}\`, Node ${process.versions.node}.`,
    '',
    '| | |',
    '| --- | --- |',
    `| Time | ${(seconds / 60).toFixed(1)} min |`,
    `| Events | ${plan.events} at ${plan.rate} per second |`,
    `| Faults | ${faults.fail} failures of user code, ${faults.pause} pauses of the process, ${faults.kill} kills |`,
    `| Rows written | ${Object.entries(rows)
      .map(([table, count]) => `${table} ${count}`)
      .join(', ')} |`,
    `| Results | ${differences.length === 0 ? 'exact' : differences.join('; ')} |`,
    `| Resident memory, processes older than ${WARM_SECONDS} s | ${Math.min(...sizes).toFixed(0)} to ${Math.max(...sizes).toFixed(0)} MB |`,
    `| Slope of it | ${slope(warm).toFixed(2)} MB per minute |`,
    '',
  ];
  return lines.join('\n');
}

/** Least squares over the age of the process that each sample is of, in MB per minute. */
function slope(samples: readonly MemorySample[]): number {
  const n = samples.length;
  if (n < 2) return 0;
  const meanX = samples.reduce((sum, { age }) => sum + age, 0) / n;
  const meanY = samples.reduce((sum, { megabytes }) => sum + megabytes, 0) / n;
  const over = samples.reduce((sum, { age, megabytes }) => sum + (age - meanX) * (megabytes - meanY), 0);
  const under = samples.reduce((sum, { age }) => sum + (age - meanX) ** 2, 0);
  return under === 0 ? 0 : (over / under) * 60;
}
