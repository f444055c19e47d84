import { format } from 'node:util';
import { LogEntrySeverity } from '../../../model/fn-execution.ts';
import { printGrpcLogBy } from '../../rpc/grpc-log.ts';
import type { LogStream } from './log-stream.ts';

const SEVERITIES = {
  debug: LogEntrySeverity.DEBUG,
  log: LogEntrySeverity.INFO,
  info: LogEntrySeverity.INFO,
  warn: LogEntrySeverity.WARN,
  error: LogEntrySeverity.ERROR,
} as const;

type Method = keyof typeof SEVERITIES;

/**
 * Tells the runner what is printed by the console, which prints it all the same. Not by what it is told with: gRPC's own log
 * would be about the log for ever.
 *
 * @returns ends that
 */
export function tellConsole(log: Pick<LogStream, 'tell'>): () => void {
  const originals = new Map<Method, typeof console.log>();
  let isTelling = false;
  const tell = (severity: LogEntrySeverity, values: readonly unknown[]): void => {
    isTelling = true;
    try {
      log.tell(severity, format(...values));
    } catch {
      // A value whose own rendering throws now, and did not when it was printed.
    } finally {
      isTelling = false;
    }
  };
  for (const [name, severity] of Object.entries(SEVERITIES) as [Method, LogEntrySeverity][]) {
    const original = console[name];
    originals.set(name, original);
    console[name] = (...values: unknown[]) => {
      // What a value prints while it is rendered for the log, it has printed before.
      if (isTelling) return;
      original.apply(console, values);
      tell(severity, values);
    };
  }
  const { error } = Object.fromEntries(originals);
  printGrpcLogBy(error);
  return () => {
    for (const [name, original] of originals) console[name] = original;
  };
}
