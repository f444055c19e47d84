/**
 * URNs of what only Millrace's own harness executes. A runner passes them on with their payloads and needs to know none
 * of them.
 */
export const MillraceUrn = {
  /** A DoFn. Payload: the unique name of its transform, UTF-8; the harness finds the function in the program by it. */
  DO_FN: 'millrace:dofn:js:v1',
  /** A DoFn that emits each element as it is, in the coder of its output. */
  IDENTITY: 'millrace:dofn:identity:v1',
  /** A DoFn that decodes the elements of a test stream. Payload: the unique name of the stream's transform, UTF-8. */
  DECODE: 'millrace:dofn:decode:v1',
  /** Stands for an input of a transform that is offered to other SDKs; no runner sees it. Payload: the input's name, UTF-8. */
  EXPANSION_INPUT: 'millrace:expansion:input:v1',
  /** Keeps elements for the program that runs the pipeline. Payload: the name of the collecting transform, UTF-8. */
  COLLECT: 'millrace:dofn:collect:v1',
  /** First half of a reshuffle: pairs each element, with its timestamp, windows and pane, with some key. */
  RESHUFFLE_PAIR: 'millrace:dofn:reshuffle_pair:v1',
  /** Second half: emits the elements of each group as they were. */
  RESHUFFLE_RESTORE: 'millrace:dofn:reshuffle_restore:v1',
  /** A CombineFn. Payload: the unique name of its transform, UTF-8. */
  COMBINE_FN: 'millrace:combinefn:js:v1',
  /** A DoFn that combines the values of each group. Payload: the name of the combining transform, UTF-8. */
  COMBINE_GROUPED_VALUES: 'millrace:dofn:combine_grouped_values:v1',
  /** How a side input is read. Payload: `singleton`, `iterable`, `list`, `map` or `multimap`, UTF-8. */
  VIEW_FN: 'millrace:view_fn:js:v1',
  /** Main-input window to side-input window, as the side input's window function says. Payload: that function's FunctionSpec. */
  WINDOW_MAPPING_FN: 'millrace:window_mapping_fn:js:v1',
} as const;
