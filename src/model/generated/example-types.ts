// Written by scripts/generate-model.ts from proto/. Change those, not this.

/** One row. */
export interface Example {
  features?: Features;
}

/** A row with sequences: features of the whole, and lists of features per step. */
export interface SequenceExample {
  context?: Features;
  featureLists?: FeatureLists;
}

/** Bytes; strings are UTF-8. */
export interface BytesList {
  value: Uint8Array[];
}

/** 32-bit floats. */
export interface FloatList {
  value: number[];
}

/** Integers. */
export interface Int64List {
  value: bigint[];
}

/** Values of one kind; none of the fields set means missing. */
export interface Feature {
  /** At most one of `kind`. */
  bytesList?: BytesList;
  /** At most one of `kind`. */
  floatList?: FloatList;
  /** At most one of `kind`. */
  int64List?: Int64List;
}

/** Feature by name. */
export interface Features {
  feature: Record<string, Feature>;
}

/** One feature at each step of a sequence. */
export interface FeatureList {
  feature: Feature[];
}

/** Feature list by name. */
export interface FeatureLists {
  featureList: Record<string, FeatureList>;
}
