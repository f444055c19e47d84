import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ArtifactRetrievalService, type GetArtifactResponse } from '../../../model/job-management.ts';
import {
  ArtifactFilePayload,
  type ArtifactInformation,
  ArtifactStagingToRolePayload,
} from '../../../model/pipeline.ts';
import { ArtifactRoleUrn, ArtifactTypeUrn } from '../../../model/urns.ts';
import { RunnerError } from '../../../sdk/errors.ts';
import type { GrpcChannel } from '../../rpc/grpc-channel.ts';
import { receiveArtifact } from '../artifact-chunks.ts';
import { getArtifact, listArtifacts } from '../staging/legacy-staging.ts';

/** Bytes of all artifacts of one worker. */
const MAX_BYTES = 1024 ** 3;

/** One artifact on its way to a worker. */
interface Incoming {
  readonly name: string;
  /** Hexadecimal; empty where nobody says. */
  readonly sha256: string;
  readonly chunks: () => AsyncIterable<GetArtifactResponse>;
}

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
  const method = ArtifactRetrievalService.getArtifact;
  const staged = artifacts.filter(({ roleUrn }) => roleUrn === ArtifactRoleUrn.STAGING_TO);
  const incoming = staged.map((artifact) => ({
    name: ArtifactStagingToRolePayload.decode(artifact.rolePayload).stagedName,
    sha256: artifact.typeUrn === ArtifactTypeUrn.FILE ? ArtifactFilePayload.decode(artifact.typePayload).sha256 : '',
    chunks: () => channel.serverStream(method, { artifact }),
  }));
  await store(channel, incoming, folder);
}

/** The same from a server that is older than that, which has them under a token. */
export async function retrieveLegacyArtifacts(channel: GrpcChannel, token: string, folder: string): Promise<void> {
  const incoming = (await listArtifacts(channel, token)).map(({ name, sha256 }) => ({
    name,
    sha256,
    chunks: () => getArtifact(channel, name, token),
  }));
  await store(channel, incoming, folder);
}

async function store(channel: GrpcChannel, incoming: readonly Incoming[], folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  let total = 0;
  const count = (bytes: number): void => {
    total += bytes;
    if (total > MAX_BYTES) throw new RunnerError('ARTIFACT_TOO_LARGE', `The artifacts exceed ${MAX_BYTES} bytes`);
  };
  for (const { name, sha256, chunks } of incoming) {
    let received: string;
    try {
      // What the name says about folders is not heeded: nothing is written elsewhere.
      received = await receiveArtifact(chunks(), join(folder, basename(name)), count);
    } catch (cause) {
      throw channel.failure(ArtifactRetrievalService.getArtifact, cause);
    }
    if (sha256 !== '' && received !== sha256) {
      throw new RunnerError('ARTIFACT_BROKEN', `The artifact ${name} is not what was staged: its checksum differs`);
    }
  }
}
