import { join } from 'node:path';
import type { Program } from '../harness/run-program.ts';
import { pythonWith } from './python-environment.ts';

/** Versions that figures refer to. */
export const SQL_PACKAGES = ['duckdb==2.0.0', 'polars==2.1.0'];
const WORKLOADS = ['W1', 'W2', 'W3', 'W4', 'W6'];

/** The same work as a query over the same CSV file; undefined where there is nothing to query. */
export async function sqlProgram(
  engine: 'duckdb' | 'polars',
  workload: string,
  data: string,
  threads: number,
): Promise<Program | undefined> {
  if (!WORKLOADS.includes(workload)) return undefined;
  return {
    command: await pythonWith('sql', SQL_PACKAGES),
    arguments: [join(import.meta.dirname, 'sql_peer.py'), engine, workload, data, String(threads)],
    environment: { POLARS_MAX_THREADS: String(threads) },
  };
}
