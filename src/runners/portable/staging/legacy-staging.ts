import {
  type ArtifactChunk,
  type ArtifactMetadata,
  LegacyArtifactRetrievalService,
  LegacyArtifactStagingService,
  type PutArtifactRequest,
} from '../../../model/job-management.ts';
import { ArtifactFilePayload, ArtifactStagingToRolePayload } from '../../../model/pipeline.ts';
import type { Init } from '../../../model/proto/message-type.ts';
import type { GrpcChannel, StreamSettings } from '../../rpc/grpc-channel.ts';
import { chunksOf } from '../artifact-chunks.ts';
import type { StagedFile } from '../artifact-staging.ts';

const READABLE = 0o444;

/** Stages files on a server that is older than reverse retrieval: they are sent, and listed at the end. @returns what workers retrieve them by */
export async function putArtifacts(
  channel: GrpcChannel,
  stagingSessionToken: string,
  files: readonly StagedFile[],
  settings: StreamSettings,
): Promise<string> {
  const { putArtifact, commitManifest } = LegacyArtifactStagingService;
  const artifact: Init<ArtifactMetadata>[] = [];
  for (const file of files) {
    const metadata = metadataOf(file);
    artifact.push(metadata);
    await channel.clientStream(putArtifact, puts({ stagingSessionToken, metadata }, file.path), settings);
  }
  const { signal, silenceMillis: deadlineMillis } = settings;
  const manifest = { manifest: { artifact }, stagingSessionToken };
  const committed = await channel.call(commitManifest, manifest, { signal, deadlineMillis });
  return committed.retrievalToken;
}

async function* puts(
  metadata: Init<PutArtifactRequest['metadata']>,
  path: string,
): AsyncGenerator<Init<PutArtifactRequest>> {
  yield { metadata };
  for await (const data of chunksOf(path)) yield { data: { data } };
}

function metadataOf({ artifact: { typePayload, rolePayload } }: StagedFile): Init<ArtifactMetadata> {
  const { stagedName } = ArtifactStagingToRolePayload.decode(rolePayload);
  return { name: stagedName, permissions: READABLE, sha256: ArtifactFilePayload.decode(typePayload).sha256 };
}

/** What was staged on such a server, by name. */
export async function listArtifacts(
  channel: GrpcChannel,
  retrievalToken: string,
): Promise<readonly ArtifactMetadata[]> {
  const { manifest } = await channel.call(LegacyArtifactRetrievalService.getManifest, { retrievalToken });
  return manifest?.artifact ?? [];
}

export function getArtifact(channel: GrpcChannel, name: string, retrievalToken: string): AsyncIterable<ArtifactChunk> {
  return channel.serverStream(LegacyArtifactRetrievalService.getArtifact, { name, retrievalToken });
}
