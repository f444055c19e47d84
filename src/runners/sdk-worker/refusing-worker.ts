import { BeamFnControl, type InstructionRequest } from '../../model/fn-execution.ts';
import { GrpcChannel } from '../rpc/grpc-channel.ts';
import { errorText } from './control/error-text.ts';
import { LogStream } from './logging/log-stream.ts';
import type { SdkWorkerOptions } from './sdk-worker.ts';

/**
 * Stands in for a worker that could not start: answers everything that the runner asks for with why. A runner knows nothing
 * of a worker that never comes, and may wait for it for ever.
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
  control.on('data', ({ instructionId }: InstructionRequest) => {
    if (control.writable) control.write({ instructionId, error });
  });
  await new Promise<void>((resolve) => {
    control.on('end', resolve);
    control.on('error', () => resolve());
  });
  control.end();
  log?.end();
  channel.close();
}
