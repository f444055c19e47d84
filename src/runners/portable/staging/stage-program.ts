import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArtifactFilePayload, ArtifactInformation, ArtifactStagingToRolePayload } from '../../../model/pipeline.ts';
import { ArtifactRoleUrn, ArtifactTypeUrn } from '../../../model/urns.ts';
import { describeGraph } from '../../../sdk/graph/fingerprint.ts';
import type { Pipeline } from '../../../sdk/pipeline/pipeline.ts';
import type { RunOptions } from '../../../sdk/pipeline/runner.ts';
import type { ProgramReference } from '../../program/program-reference.ts';
import type { StagedFile } from '../artifact-staging.ts';
import { bundleProgram } from './bundle-program.ts';
import { MANIFEST, writeManifest } from './staged-program.ts';

/** Files for workers, in a temporary folder. */
export interface StagedFiles {
  readonly folder: string;
  readonly files: readonly StagedFile[];
  remove(): void;
}

/** Bundles the program that has built a pipeline, and writes down how a worker comes to that. */
export async function stageProgram(
  { name, graph }: Pipeline,
  reference: ProgramReference,
  { strict = false, redactErrors = false, tempDir = tmpdir() }: RunOptions,
): Promise<StagedFiles> {
  const bundle = await bundleProgram(reference.url);
  const module = `program-${sha256(bundle).slice(0, 16)}.mjs`;
  const description = describeGraph(graph);
  const manifest = writeManifest({ pipeline: name, graph: description, reference, module, strict, redactErrors });
  const folder = mkdtempSync(join(tempDir, 'millrace-staged-'));
  const staged = (stagedName: string, bytes: Uint8Array): StagedFile => {
    const path = join(folder, stagedName);
    writeFileSync(path, bytes);
    const artifact = ArtifactInformation.create({
      typeUrn: ArtifactTypeUrn.FILE,
      typePayload: ArtifactFilePayload.encode({ path, sha256: sha256(bytes) }),
      roleUrn: ArtifactRoleUrn.STAGING_TO,
      rolePayload: ArtifactStagingToRolePayload.encode({ stagedName }),
    });
    return { artifact, path };
  };
  return {
    folder,
    files: [staged(module, bundle), staged(MANIFEST, manifest)],
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
