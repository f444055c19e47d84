/** Share of a table's budget that stays after an eviction, so that they are not one by one. */
export const KEPT_SHARE = 0.995;
/** Entries looked at in one eviction: with a million of them, all at once would be a pause. The next one goes on. */
export const LOOKED_AT_ONCE = 2048;
/** Share of its budget that is for entries, whatever the backend takes. */
export const LEAST_SHARE = 1 / 8;
/** Largest encoding of an entry, in bytes. */
export const MAX_ENTRY_BYTES = 0x7fffffff;
/** Bytes that a table keeps to encode entries in. */
export const MAX_SCRATCH = 1 << 20;
