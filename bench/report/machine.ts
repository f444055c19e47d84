import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import type { PeerName } from '../command-line.ts';
import { BEAM_PYTHON_PACKAGES } from '../peers/beam-python.ts';
import { FLINK_VERSIONS } from '../peers/flink.ts';
import { SQL_PACKAGES } from '../peers/sql.ts';

/** Where and with what the figures were measured. */
export interface Machine {
  readonly date: string;
  readonly processor: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  readonly versions: readonly string[];
}

export function describeMachine(against: readonly PeerName[]): Machine {
  const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8'));
  const versions = [`millrace ${manifest.version}`, `Node ${process.versions.node}`, `V8 ${process.versions.v8}`];
  if (against.includes('duckdb') || against.includes('polars')) versions.push(...SQL_PACKAGES);
  if (against.includes('beam-python')) versions.push(...BEAM_PYTHON_PACKAGES);
  if (against.includes('flink')) versions.push(...FLINK_VERSIONS);
  return {
    date: new Date().toISOString().slice(0, 10),
    processor: cpus()[0]?.model.trim() ?? 'unknown processor',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${type()} ${release()}`,
    versions,
  };
}
