import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArtifactRetrievalService } from '../../../model/job-management.ts';
import {
  AnyOfEnvironmentPayload,
  ArtifactFilePayload,
  ArtifactInformation,
  type Environment,
} from '../../../model/pipeline.ts';
import { ArtifactTypeUrn, EnvironmentUrn } from '../../../model/urns.ts';
import { RunnerError } from '../../../sdk/errors.ts';
import type { GrpcChannel } from '../../rpc/grpc-channel.ts';
import { receiveArtifact } from '../artifact-chunks.ts';
import type { StagedFile } from '../artifact-staging.ts';

/** Files that the workers of other SDKs need for one pipeline. */
const MAX_FILES = 10_000;
/** Bytes of them all. */
const MAX_BYTES = 16 * 2 ** 30;

/** The files that workers of other SDKs need: fetched from the expansion services, for the runner to ask for them. */
export class ExpandedArtifacts {
  readonly files: StagedFile[] = [];
  readonly #tempDir: string;
  #folder: string | undefined;
  #bytes = 0;
  /** By service and what it calls them: services tell the same ones for each of their transforms. */
  readonly #fetched = new Map<string, ArtifactInformation>();
  /** By the hash of the content: two services may have the same file. */
  readonly #paths = new Map<string, string>();

  /** @param tempDir where they lie until the job has ended; default the system's */
  constructor(tempDir: string = tmpdir()) {
    this.#tempDir = tempDir;
  }

  /**
   * Fetches what an environment depends on. Its dependencies are changed to files that lie here.
   *
   * @throws RunnerError `ARTIFACTS_TOO_LARGE`, `RPC_…`
   */
  async fetch(channel: GrpcChannel, environment: Environment): Promise<void> {
    if (environment.urn === EnvironmentUrn.ANYOF) {
      const { environments } = AnyOfEnvironmentPayload.decode(environment.payload);
      for (const each of environments) await this.fetch(channel, each);
      environment.payload = AnyOfEnvironmentPayload.encode({ environments });
    }
    if (environment.dependencies.length === 0) return;
    const request = { artifacts: environment.dependencies, preferredUrns: [ArtifactTypeUrn.FILE] };
    const { replacements } = await channel.call(ArtifactRetrievalService.resolveArtifacts, request);
    environment.dependencies = [];
    for (const artifact of replacements) environment.dependencies.push(await this.#fetch(channel, artifact));
  }

  async #fetch(channel: GrpcChannel, artifact: ArtifactInformation): Promise<ArtifactInformation> {
    const name = `${channel.endpoint} ${Buffer.from(ArtifactInformation.encode(artifact)).toString('base64')}`;
    let fetched = this.#fetched.get(name);
    if (fetched === undefined) this.#fetched.set(name, (fetched = await this.#download(channel, artifact)));
    return fetched;
  }

  async #download(channel: GrpcChannel, artifact: ArtifactInformation): Promise<ArtifactInformation> {
    if (this.files.length >= MAX_FILES) throw tooLarge(`more than ${MAX_FILES} files`);
    this.#folder ??= await mkdtemp(join(this.#tempDir, 'millrace-artifacts-'));
    // Names that a service chooses are none to be trusted with.
    const path = join(this.#folder, String(this.files.length));
    const method = ArtifactRetrievalService.getArtifact;
    const stream = channel.serverStream(method, { artifact });
    let sha256: string;
    try {
      sha256 = await receiveArtifact(stream, path, (bytes) => this.#count(bytes));
    } catch (error) {
      throw channel.failure(method, error);
    } finally {
      stream.cancel();
    }
    const known = this.#paths.get(sha256);
    if (known !== undefined) await rm(path);
    else this.#paths.set(sha256, path);
    const typePayload = ArtifactFilePayload.encode({ path: known ?? path, sha256 });
    const fetched: ArtifactInformation = { ...artifact, typeUrn: ArtifactTypeUrn.FILE, typePayload };
    if (known === undefined) this.files.push({ artifact: fetched, path });
    return fetched;
  }

  #count(bytes: number): void {
    if ((this.#bytes += bytes) > MAX_BYTES) throw tooLarge(`more than ${MAX_BYTES} bytes`);
  }

  /** Removes the files. */
  async close(): Promise<void> {
    if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
  }
}

function tooLarge(what: string): RunnerError {
  return new RunnerError('ARTIFACTS_TOO_LARGE', `The transforms of other SDKs depend on ${what}`, {
    hint: 'have their workers run where these are installed',
  });
}
