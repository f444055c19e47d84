import { once } from 'node:events';
import { type ArtifactRequestWrapper, ArtifactStagingService } from '../../model/job-management.ts';
import type { ArtifactInformation } from '../../model/pipeline.ts';
import { RunnerError } from '../../sdk/errors.ts';
import type { GrpcChannel } from '../rpc/grpc-channel.ts';
import { chunksOf } from './artifact-chunks.ts';

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
 * @throws RunnerError `ARTIFACT_UNKNOWN` where it asks for what was not offered, and `RPC_…`
 */
export async function offerArtifacts(
  channel: GrpcChannel,
  stagingToken: string,
  files: readonly StagedFile[],
): Promise<void> {
  const method = ArtifactStagingService.reverseArtifactRetrievalService;
  const call = channel.duplex(method);
  const send = async (message: Parameters<typeof call.write>[0]): Promise<void> => {
    if (!call.write(message)) await once(call, 'drain');
  };
  try {
    await send({ stagingToken });
    for await (const request of call as AsyncIterable<ArtifactRequestWrapper>) {
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
    throw channel.failure(method, cause);
  } finally {
    call.end();
    call.cancel();
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
