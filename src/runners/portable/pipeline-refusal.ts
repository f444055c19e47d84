import type { Init } from '../../model/proto/message-type.ts';
import type { Struct } from '../../model/well-known.ts';
import { RunnerError } from '../../sdk/errors.ts';

/** How servers answer a pipeline that they cannot run: few have a status for it. */
const REFUSALS: ReadonlySet<string> = new Set([
  'RPC_UNKNOWN',
  'RPC_INTERNAL',
  'RPC_INVALID_ARGUMENT',
  'RPC_FAILED_PRECONDITION',
]);

/**
 * What it means that a runner does not prepare or run a pipeline.
 *
 * @param options that it was sent. Their names are told, for they may be the reason; their values may be secrets
 * @returns RunnerError `PIPELINE_REFUSED`, or another error as it is
 */
export function pipelineRefusal(error: unknown, endpoint: string, options: Init<Struct> = {}): unknown {
  if (!(error instanceof RunnerError) || !REFUSALS.has(error.code)) return error;
  const said = (error.cause as { readonly details?: string }).details ?? '';
  const names = Object.keys(options.fields ?? {}).map((name) => name.replace(/^beam:option:(.*):v1$/, '$1'));
  return said === ''
    ? new RunnerError('PIPELINE_REFUSED', 'The runner refuses the pipeline, and does not say why', {
        resource: endpoint,
        hint: `look in the job server's log; the options sent were ${names.join(', ')}`,
        cause: error,
      })
    : new RunnerError('PIPELINE_REFUSED', `The runner refuses the pipeline: ${said}`, {
        resource: endpoint,
        hint: 'docs/runners.md lists what each runner does not have',
        cause: error,
      });
}
