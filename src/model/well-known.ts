/** Protobuf's own types that the model uses: Timestamp, Duration, Struct. */
export * from './generated/well-known.ts';
