import { join } from 'node:path';
import type { Program } from '../harness/run-program.ts';
import { PORTABLE } from '../workload-list.ts';
import { pythonWith } from './python-environment.ts';

/** Version that figures refer to. */
export const BEAM_PYTHON_PACKAGES = ['apache-beam==2.77.0'];

/** The same pipeline in Beam's Python SDK on the runner in its package, unless the pipeline options name another. */
export async function beamPythonProgram(
  workload: string,
  data: string,
  elements: number,
  options: readonly string[] = [],
): Promise<Program | undefined> {
  if (!PORTABLE.includes(workload)) return undefined;
  return {
    command: await pythonWith('beam', BEAM_PYTHON_PACKAGES),
    arguments: [join(import.meta.dirname, 'beam_peer.py'), workload, data, String(elements), ...options],
  };
}
