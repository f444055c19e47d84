import { createHash } from 'node:crypto';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JobProgress, JobState } from '../../sdk/pipeline/pipeline-result.ts';

/** What may be asked of a process with attachable jobs: one JSON object, ended by a line feed. */
export interface AttachRequest {
  readonly ask: 'progress' | 'drain';
  /** Only the job that keeps its checkpoints there, as an absolute path without links; all jobs when absent. */
  readonly checkpointDir?: string;
}

/** What comes back, one JSON object a line. After `draining` there is an `ended` when the jobs have. */
export type AttachAnswer =
  | { readonly answer: 'progress'; readonly jobs: readonly JobStatus[] }
  | { readonly answer: 'draining'; readonly jobs: readonly string[] }
  | { readonly answer: 'ended'; readonly jobs: readonly JobEnd[] }
  | { readonly answer: 'refused'; readonly reason: string };

/** A job and how far it is. */
export interface JobStatus {
  readonly name: string;
  readonly checkpointDir?: string;
  readonly progress: JobProgress;
}

/** How a job has ended. */
export interface JobEnd {
  readonly name: string;
  readonly state: JobState;
  /** Of one that has failed. */
  readonly error?: string;
}

/** Folder of the sockets of a user's processes; others may not look into it. */
export function attachFolder(): string {
  return join(tmpdir(), `millrace-attach-${process.getuid?.() ?? 'user'}`);
}

/** Where the process of this number, on this machine, answers. Machines and containers may share the folder. */
export function attachSocket(pid: number): string {
  const host = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
  return join(attachFolder(), `${host}-${pid}.sock`);
}
