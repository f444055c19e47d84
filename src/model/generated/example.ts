// Written by scripts/generate-model.ts from proto/. Change those, not this.

import { protoPackage } from '../proto/proto-package.ts';
import type * as types from './example-types.ts';

const tensorflowPackage = protoPackage('tensorflow');

/** One row. */
export const Example = tensorflowPackage.message<types.Example>('Example', `1 features Features`);
export type Example = types.Example;

/** A row with sequences: features of the whole, and lists of features per step. */
export const SequenceExample = tensorflowPackage.message<types.SequenceExample>('SequenceExample', `1 context Features
2 feature_lists FeatureLists`);
export type SequenceExample = types.SequenceExample;

/** Bytes; strings are UTF-8. */
export const BytesList = tensorflowPackage.message<types.BytesList>('BytesList', `1 value repeated bytes`);
export type BytesList = types.BytesList;

/** 32-bit floats. */
export const FloatList = tensorflowPackage.message<types.FloatList>('FloatList', `1 value repeated float`);
export type FloatList = types.FloatList;

/** Integers. */
export const Int64List = tensorflowPackage.message<types.Int64List>('Int64List', `1 value repeated int64`);
export type Int64List = types.Int64List;

/** Values of one kind; none of the fields set means missing. */
export const Feature = tensorflowPackage.message<types.Feature>('Feature', `1 bytes_list BytesList oneof:kind
2 float_list FloatList oneof:kind
3 int64_list Int64List oneof:kind`);
export type Feature = types.Feature;

/** Feature by name. */
export const Features = tensorflowPackage.message<types.Features>('Features', `1 feature map<string,Feature>`);
export type Features = types.Features;

/** One feature at each step of a sequence. */
export const FeatureList = tensorflowPackage.message<types.FeatureList>('FeatureList', `1 feature repeated Feature`);
export type FeatureList = types.FeatureList;

/** Feature list by name. */
export const FeatureLists = tensorflowPackage.message<types.FeatureLists>('FeatureLists', `1 feature_list map<string,FeatureList>`);
export type FeatureLists = types.FeatureLists;
