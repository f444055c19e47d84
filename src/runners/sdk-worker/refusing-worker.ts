import { BeamFnControl, type InstructionRequest, type ProcessBundleDescriptor } from '../../model/fn-execution.ts';
import { GrpcChannel } from '../rpc/grpc-channel.ts';
import { errorText } from './control/error-text.ts';
import { DataStreams } from './data/data-streams.ts';
import { dataEndpoints } from './descriptor/data-endpoints.ts';
import { LogStream } from './logging/log-stream.ts';
import type { SdkWorkerOptions } from './sdk-worker.ts';

/**
 * Stands in for a worker that could not start: answers everything that the runner asks for with why. A runner knows nothing
 * of a worker that never comes, and may wait for it for ever. It connects for elements, too, which it drops: Beam's runners in
 * Java hear of a bundle's failure only then.
 *
 * @returns when the runner has ended the control stream, or it broke
 */
export async function refuseWork(
  { id, controlEndpoint, loggingEndpoint }: Pick<SdkWorkerOptions, 'id' | 'controlEndpoint' | 'loggingEndpoint'>,
  why: unknown,
): Promise<void> {
  const settings = { metadata: { worker_id: id } };
  const error = errorText(why);
  const log =
    loggingEndpoint === undefined ? undefined : new LogStream(new GrpcChannel(loggingEndpoint, settings), Date.now);
  log?.error(error);
  const channel = new GrpcChannel(controlEndpoint, settings);
  const control = channel.duplex(BeamFnControl.control);
  const data = new DataStreams((endpoint) => new GrpcChannel(endpoint, settings));
  const known = new Set<string>();
  const connect = (descriptor: ProcessBundleDescriptor): void => {
    for (const endpoint of dataEndpoints(descriptor)) data.of(endpoint);
  };
  const connectFor = (processBundleDescriptorId: string): void => {
    if (known.has(processBundleDescriptorId)) return;
    known.add(processBundleDescriptorId);
    // A runner that does not give it has an answer all the same.
    channel.call(BeamFnControl.getProcessBundleDescriptor, { processBundleDescriptorId }).then(connect, () => {});
  };
  control.on('data', ({ instructionId, processBundle, register }: InstructionRequest) => {
    for (const descriptor of register?.processBundleDescriptor ?? []) {
      known.add(descriptor.id);
      connect(descriptor);
    }
    if (processBundle !== undefined) {
      connectFor(processBundle.processBundleDescriptorId);
      data.drop(instructionId);
    }
    if (control.writable) control.write({ instructionId, error });
  });
  await new Promise<void>((resolve) => {
    control.on('end', resolve);
    control.on('error', () => resolve());
  });
  control.end();
  data.end();
  log?.end();
  channel.close();
}
