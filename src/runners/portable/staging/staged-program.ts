import { deserialize, serialize } from 'node:v8';
import { RunnerError } from '../../../sdk/errors.ts';
import type { ProgramReference } from '../../program/program-reference.ts';

/** Names of the artifacts, as workers find them. */
export const MANIFEST = 'millrace-program';
const VERSION = 1;

/** What a worker elsewhere needs to know to come to a program's pipeline. */
export interface StagedProgram {
  readonly pipeline: string;
  /** The graph as the submitting program has it, line by line; the worker's must be the same. */
  readonly graph: readonly string[];
  /** The URL is that of the submitting machine: the worker has the module under the name `module`. */
  readonly reference: ProgramReference;
  /** Artifact that holds the bundled program. */
  readonly module: string;
  readonly strict: boolean;
  readonly redactErrors: boolean;
}

export function writeManifest(program: StagedProgram): Uint8Array {
  return serialize({ version: VERSION, program });
}

/** @throws RunnerError `STAGED_PROGRAM_UNKNOWN` where another version of Millrace has written it */
export function readManifest(bytes: Uint8Array): StagedProgram {
  const { version, program } = deserialize(bytes) as { readonly version?: number; readonly program: StagedProgram };
  if (version === VERSION) return program;
  throw new RunnerError('STAGED_PROGRAM_UNKNOWN', 'The program was staged by another version of Millrace', {
    hint: 'install the same version on the workers',
  });
}
