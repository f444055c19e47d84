/**
 * `millrace/testing`: assertions inside of pipelines, and a pipeline for tests. Independent of any test framework: a
 * failed assertion makes `run()` reject.
 */

export { TestStream, testStream } from '../sdk/transforms/test-stream.ts';
export { TimestampedValue, timestamped } from '../sdk/transforms/timestamped-value.ts';
export { type Assertion, assertThat } from './assert-that.ts';
export { closeTo, inAnyOrder } from './matchers.ts';
export { TestPipeline } from './test-pipeline.ts';
