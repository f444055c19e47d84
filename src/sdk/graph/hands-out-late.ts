import { LATE_OUTPUT, type TransformNode } from './graph.ts';

/** Whether elements that come too late for a transform go to an output of their own, {@link LATE_OUTPUT}. */
export function handsOutLate({ spec }: Pick<TransformNode, 'spec'>, tags: Readonly<Record<string, unknown>>): boolean {
  if (tags[LATE_OUTPUT] === undefined) return false;
  return (
    spec?.kind === 'groupByKey' || (spec?.kind === 'parDo' && spec.fn.kind === 'doFn' && spec.fn.keepsLate === true)
  );
}
