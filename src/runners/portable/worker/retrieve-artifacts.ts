import { createHash } from 'node:crypto';
import { createWriteStream, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ArtifactRetrievalService, type GetArtifactResponse } from '../../../model/job-management.ts';
import {
  ArtifactFilePayload,
  type ArtifactInformation,
  ArtifactStagingToRolePayload,
} from '../../../model/pipeline.ts';
import { ArtifactRoleUrn, ArtifactTypeUrn } from '../../../model/urns.ts';
import { RunnerError } from '../../../sdk/errors.ts';
import type { GrpcChannel } from '../../rpc/grpc-channel.ts';

/** Bytes of all artifacts of one worker. */
const MAX_BYTES = 1024 ** 3;

/**
 * Fetches what was staged for a worker into a folder, under the names that it was staged with.
 *
 * @throws RunnerError `ARTIFACT_BROKEN` where it is not what was sent, `ARTIFACT_TOO_LARGE`, `RPC_…`
 */
export async function retrieveArtifacts(
  channel: GrpcChannel,
  artifacts: readonly ArtifactInformation[],
  folder: string,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  let total = 0;
  for (const artifact of artifacts) {
    const { typeUrn, typePayload, roleUrn, rolePayload } = artifact;
    if (roleUrn !== ArtifactRoleUrn.STAGING_TO) continue;
    // What the name says about folders is not heeded: nothing is written elsewhere.
    const name = basename(ArtifactStagingToRolePayload.decode(rolePayload).stagedName);
    const method = ArtifactRetrievalService.getArtifact;
    const hash = createHash('sha256');
    const chunks = async function* (): AsyncGenerator<Uint8Array> {
      const answers = channel.serverStream(method, { artifact }) as AsyncIterable<GetArtifactResponse>;
      for await (const { data } of answers) {
        total += data.length;
        if (total > MAX_BYTES) throw new RunnerError('ARTIFACT_TOO_LARGE', `The artifacts exceed ${MAX_BYTES} bytes`);
        hash.update(data);
        yield data;
      }
    };
    try {
      await pipeline(chunks, createWriteStream(join(folder, name)));
    } catch (cause) {
      throw channel.failure(method, cause);
    }
    const expected = typeUrn === ArtifactTypeUrn.FILE ? ArtifactFilePayload.decode(typePayload).sha256 : '';
    if (expected !== '' && hash.digest('hex') !== expected) {
      throw new RunnerError('ARTIFACT_BROKEN', `The artifact ${name} is not what was staged: its checksum differs`);
    }
  }
}
