import {
  ArtifactRetrievalService,
  type DiscoverSchemaTransformResponse,
  type ExpansionRequest,
  type ExpansionResponse,
  ExpansionService,
} from '../../src/model/job-management.ts';
import type { ArtifactInformation } from '../../src/model/pipeline.ts';
import type { Init } from '../../src/model/proto/message-type.ts';
import { GrpcServer } from '../../src/runners/rpc/grpc-server.ts';

/** What an expansion service that only says what it is told to answers. */
export interface FakeExpansion {
  expand(request: ExpansionRequest): Init<ExpansionResponse>;
  /** Looked up for each call. */
  readonly discovered?: Init<DiscoverSchemaTransformResponse>;
  /** Contents of artifacts by the payload of their type, UTF-8. */
  readonly artifacts?: Readonly<Record<string, string>>;
}

/** Runs an expansion service for as long as `use` takes. */
export async function withExpansionService(
  fake: FakeExpansion,
  use: (endpoint: string, requests: readonly ExpansionRequest[]) => Promise<void>,
): Promise<void> {
  const { artifacts = {} } = fake;
  const server = new GrpcServer();
  const requests: ExpansionRequest[] = [];
  server.add(ExpansionService, {
    expand: (request) => {
      requests.push(request);
      return fake.expand(request);
    },
    discoverSchemaTransform: () => fake.discovered ?? {},
  });
  server.add(ArtifactRetrievalService, {
    resolveArtifacts: ({ artifacts: replacements }) => ({ replacements }),
    getArtifact: ({ artifact }, answers) => {
      const content = artifacts[nameOf(artifact)] ?? '';
      // In several messages, as large ones come.
      for (const character of content) answers.write({ data: Buffer.from(character) });
      answers.end();
    },
  });
  const endpoint = await server.listen();
  try {
    await use(endpoint, requests);
  } finally {
    server.close();
  }
}

function nameOf(artifact: ArtifactInformation | undefined): string {
  return Buffer.from(artifact?.typePayload ?? []).toString('utf8');
}
