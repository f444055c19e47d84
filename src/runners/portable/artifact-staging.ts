import { once } from 'node:events';
import { type ArtifactRequestWrapper, ArtifactStagingService } from '../../model/job-management.ts';
import type { ArtifactInformation } from '../../model/pipeline.ts';
import { RunnerError } from '../../sdk/errors.ts';
import type { GrpcChannel, StreamSettings } from '../rpc/grpc-channel.ts';
import { Silence } from '../rpc/silence.ts';
import { chunksOf } from './artifact-chunks.ts';

/**
 * How long nothing may move while files are staged, however large they are: a server that was sent one may still be writing
 * it to a storage far away.
 */
export const STAGING_SILENCE_MILLIS = 300_000;

/** A file that workers get. */
export interface StagedFile {
  /** Names it to the runner, which asks for it by this. */
  readonly artifact: ArtifactInformation;
  /** Where it lies here. */
  readonly path: string;
}

/**
 * Gives a runner the files that it asks for, until it has what it wants. A runner that wants none may end the call without
 * having sent anything, not even headers, so the call's status is the sign.
 *
 * @throws RunnerError `ARTIFACT_UNKNOWN` where it asks for what was not offered, and `RPC_…`, with `RPC_DEADLINE_EXCEEDED`
 *   where it neither asks nor takes anything
 */
export async function offerArtifacts(
  channel: GrpcChannel,
  stagingToken: string,
  files: readonly StagedFile[],
  { signal, silenceMillis }: StreamSettings,
): Promise<void> {
  const method = ArtifactStagingService.reverseArtifactRetrievalService;
  const call = channel.duplex(method);
  // It may have ended before somebody waits for it to take more.
  const ended = once(call, 'close');
  ended.catch(() => {});
  const cancel = (): void => call.cancel();
  const silence = new Silence(silenceMillis, cancel);
  const heard = (): void => silence.heard();
  const send = async (message: Parameters<typeof call.write>[0]): Promise<void> => {
    if (!call.write(message, heard)) await Promise.race([once(call, 'drain'), ended]);
  };
  signal?.addEventListener('abort', cancel, { once: true });
  if (signal?.aborted) cancel();
  try {
    await send({ stagingToken });
    for await (const request of call as AsyncIterable<ArtifactRequestWrapper>) {
      heard();
      const { resolveArtifact, getArtifact } = request;
      if (resolveArtifact !== undefined) {
        await send({ resolveArtifactResponse: { replacements: resolveArtifact.artifacts } });
      } else if (getArtifact !== undefined) {
        const { path } = fileOf(files, getArtifact.artifact);
        for await (const data of chunksOf(path)) await send({ getArtifactResponse: { data } });
        await send({ getArtifactResponse: {}, isLast: true });
      }
    }
  } catch (cause) {
    throw silence.isBroken ? channel.silent(method, silenceMillis) : channel.failure(method, cause);
  } finally {
    silence.end();
    signal?.removeEventListener('abort', cancel);
    call.end();
    cancel();
  }
}

/** Only what was offered is given away: the one who asks is another machine. */
function fileOf(files: readonly StagedFile[], wanted: ArtifactInformation | undefined): StagedFile {
  const file = files.find(
    ({ artifact: { typeUrn, typePayload } }) =>
      wanted?.typeUrn === typeUrn && Buffer.compare(wanted.typePayload, typePayload) === 0,
  );
  if (file !== undefined) return file;
  throw new RunnerError('ARTIFACT_UNKNOWN', `The runner asks for an artifact that is not the pipeline's`, {
    hint: `it is of the type ${wanted?.typeUrn ?? 'none'}; ${files.length} were offered`,
  });
}
