import { machineText, table, targetTable } from '../report/markdown.ts';
import { checkpointPercent, type NexmarkReport, nexmarkTargets } from './report.ts';

/** The tables. */
export function nexmarkMarkdown(report: NexmarkReport): string {
  const { generatorNanos, throughput, latency, checkpoints, restarts, keys, flink } = report;
  const sections = [
    `${machineText(report.machine, report.command)} All runs of a query gave the same answer. The generator alone takes ` +
      `${generatorNanos.toFixed(0)} ns per event, which every figure below contains.`,
    '## Targets',
    targetTable(nexmarkTargets(report)),
  ];
  if (throughput.length > 0) {
    const rows = throughput.map(({ query, events, eventsPerSecond, median, perProcessorSecond, maxRssBytes }) => [
      query,
      thousands(median),
      thousands(Math.max(...eventsPerSecond)),
      String(eventsPerSecond.length),
      millions(events),
      (1e9 / median).toFixed(0),
      thousands(perProcessorSecond),
      megabytes(maxRssBytes),
    ]);
    sections.push(
      '## Throughput',
      'As fast as it goes, in one process; 10,000 events are a second of event time. On a machine that is busy with other ' +
        'work, the column of processor seconds is the one to compare: it includes what V8 compiles and collects on other threads.',
      table(
        [
          '',
          'median k events/s',
          'best',
          'runs',
          'M events',
          'ns per event',
          'k events per processor s',
          'resident MB',
        ],
        rows,
      ),
    );
  }
  if (latency.length > 0) {
    const rows = latency.map(({ query, eventsPerSecond, count, p50, p95, p99, max, maxRssBytes }) => [
      query,
      thousands(eventsPerSecond),
      String(count),
      ...(count === 0 ? ['', '', '', ''] : [p50, p95, p99, max].map((millis) => millis.toFixed(1))),
      megabytes(maxRssBytes),
    ]);
    sections.push(
      '## Latency at half of that',
      'Where a query is faster than its target, also at half of the target. ' +
        'Milliseconds from the moment at which an event happens to its arrival at the sink; of a window or an auction, from ' +
        'its end. Events happen at an even rate, in real time; results of the last second do not count, in which the stream ends.',
      table(['', 'k events/s', 'results', 'p50', 'p95', 'p99', 'most', 'resident MB'], rows),
    );
  }
  if (checkpoints.length > 0) {
    const rows = checkpoints.map((cost) => [
      cost.query,
      millions(cost.events),
      cost.secondsWithout.toFixed(2),
      cost.secondsWith.toFixed(2),
      `${checkpointPercent(cost).toFixed(1)} %`,
    ]);
    sections.push(
      '## Checkpoints',
      'One every 10 s, and one at the end.',
      table(['', 'M events', 's without', 's with', 'of the throughput'], rows),
    );
  }
  if (restarts.length > 0) {
    const rows = restarts.map(({ kind, keys, stateBytes, seconds }) => [
      kind,
      millions(keys),
      (stateBytes / 1e9).toFixed(2),
      Math.min(...seconds).toFixed(2),
      Math.max(...seconds).toFixed(2),
    ]);
    sections.push(
      '## Restart',
      'After `kill -9`, from the start of the process to its first output. The state lies in values of keys, in values ' +
        'of keys that have a timer each, or in open windows.',
      table(['state in', 'M keys', 'GB on disk', 's at least', 's at most'], rows),
    );
  }
  if (keys !== undefined) {
    const row = [
      millions(keys.keys),
      keys.budget,
      (keys.maxRssBytes / 2 ** 20).toFixed(0),
      (keys.elements / keys.seconds / 1000).toFixed(0),
    ];
    sections.push(
      '## More state than memory',
      'A count per key, each key once and every tenth again, with a checkpoint every 10 s.',
      table(['M keys', 'budget', 'resident MiB at most', 'k events/s'], [row]),
    );
  }
  if (flink.length > 0) {
    const rows = flink.map(({ query, events, seconds, ours }) => [
      query,
      millions(events),
      thousands(events / seconds),
      thousands(ours),
      ((ours * seconds) / events).toFixed(1),
    ]);
    sections.push(
      '## Beam Java on Flink',
      'The same events and the same answer, on an embedded Flink that uses all cores; one run.',
      table(['', 'M events', 'k events/s', 'Millrace, k events/s', 'times'], rows),
    );
  }
  return `${sections.join('\n\n')}\n\n`;
}

const thousands = (count: number): string => (count / 1000).toFixed(0);
const millions = (count: number): string => String(count / 1e6);
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);
