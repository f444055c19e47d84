import { BeamFnWorkerStatus, type WorkerStatusRequest } from '../../../model/fn-execution.ts';
import type { GrpcChannel } from '../../rpc/grpc-channel.ts';
import type { RunningBundle } from './instructions.ts';

/** Answers a runner that asks how the worker is; it lives as long as the channel does. */
export function reportStatus(channel: GrpcChannel, running: () => readonly RunningBundle[], now: () => number): void {
  const call = channel.duplex(BeamFnWorkerStatus.workerStatus);
  call.on('data', ({ id }: WorkerStatusRequest) => call.write({ id, statusInfo: statusText(running(), now()) }));
  // Whoever asks no more, needs no answer.
  call.on('error', () => {});
  call.on('end', () => call.end());
}

/** For people: what is under way, and for how long; what memory is used. */
function statusText(running: readonly RunningBundle[], now: number): string {
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage();
  const mib = (bytes: number): string => `${Math.round(bytes / 1024 / 1024)} MiB`;
  const bundles = running.map(
    ({ instruction, descriptor, since, elements }) =>
      `  ${instruction} of ${descriptor}: ${((now - since) / 1000).toFixed(1)} s, ${elements} elements`,
  );
  return [
    `Node ${process.version}, up ${Math.round(process.uptime())} s`,
    `Memory: ${mib(rss)} resident, heap ${mib(heapUsed)} of ${mib(heapTotal)}, external ${mib(external)}`,
    `Bundles under way: ${running.length}`,
    ...bundles,
  ].join('\n');
}
