/** How a runner drives an SDK harness: Beam's `org.apache.beam.model.fn_execution.v1` with the provision API. */
export * from './generated/fn-execution.ts';
