/**
 * How a pipeline is submitted and watched: Beam's `org.apache.beam.model.job_management.v1` with the artifact API, and
 * `org.apache.beam.model.expansion.v1`.
 */
export * from './generated/job-management.ts';
