/** Constants that every Beam SDK and runner shares. */

/** Earliest timestamp of an element or a window's end, in milliseconds since 1970. */
export const MIN_TIMESTAMP_MILLIS = -9223372036854775n;

/** Latest timestamp of an element or a window's end. Like the earliest it lies past 2^53. */
export const MAX_TIMESTAMP_MILLIS = 9223372036854775n;

/** End of the global window: a day before the latest timestamp, so that rounding it up stays in range. */
export const GLOBAL_WINDOW_MAX_TIMESTAMP_MILLIS = 9223371950454775n;

/** Retrieval token of a job without artifacts. */
export const NO_ARTIFACTS_STAGED_TOKEN = '__no_artifacts_staged__';

/** Keys of PTransform.annotations that cross-language transforms set. */
export const AnnotationKey = {
  CONFIG_ROW_KEY: 'config_row',
  CONFIG_ROW_SCHEMA_KEY: 'config_row_schema',
  SCHEMATRANSFORM_URN_KEY: 'schematransform_urn',
  MANAGED_UNDERLYING_TRANSFORM_URN_KEY: 'managed_underlying_transform_urn',
} as const;
