import type { Coder } from '../coders/coder.ts';
import type { FieldType } from '../schema/schema.ts';
import { triggerText } from '../triggers/trigger-rules.ts';
import { UNLIMITED_LATENESS } from '../windows/late-windowing.ts';
import { durationText } from '../windows/timestamp.ts';
import type { WindowingStrategy } from '../windows/windowing-strategy.ts';
import type { TransformNode } from './graph.ts';

/** Longest description of one coder or schema, in characters. */
const MAX_LENGTH = 400;

/** A coder in a few words: `kv<key, iterable<varint>>`, `row{user: string, clicks: int64?}`. */
export function describeCoder(coder: Coder<unknown>): string {
  return shorten(coderText(coder));
}

function coderText(coder: Coder<unknown>): string {
  if (coder.urn === 'beam:coder:row:v1' && coder.fieldType !== undefined) return typeText(coder.fieldType);
  const name = coder.urn.replace(/^(beam|millrace):coder:/, '').replace(/:v1$/, '');
  return coder.components.length === 0 ? name : `${name}<${coder.components.map(coderText).join(', ')}>`;
}

function typeText(type: FieldType): string {
  const mark = type.nullable === true ? '?' : '';
  switch (type.kind) {
    case 'atomic':
      return type.atomic + mark;
    case 'array':
    case 'iterable':
      return `${type.kind}<${typeText(type.element)}>${mark}`;
    case 'map':
      return `map<${typeText(type.key)}, ${typeText(type.value)}>${mark}`;
    case 'row':
      return `row{${type.schema.fields.map((field) => `${field.name}: ${typeText(field.type)}`).join(', ')}}${mark}`;
    case 'logical':
      return type.urn.replace(/^(beam|millrace):logical_type:/, '').replace(/:v1$/, '') + mark;
  }
}

/** What a transform does, in one word or two: `map`, `combinePerKey sum`; `composite` when it is only a name. */
export function describeKind(node: TransformNode): string {
  const { spec } = node;
  if (spec === undefined) return 'composite';
  switch (spec.kind) {
    case 'parDo':
      return spec.fn.kind === 'doFn' ? 'parDo' : spec.fn.kind;
    case 'combinePerKey':
    case 'combineGroupedValues':
      return spec.fn.name === undefined ? spec.kind : `${spec.kind} ${spec.fn.name}`;
    case 'external':
      return `external ${spec.urn}`;
    default:
      return spec.kind;
  }
}

/** A windowing in a few words: `fixed(60s)`, `sessions(30s), earliest`; empty for the windowing a pipeline starts with. */
export function describeWindowing(windowing: WindowingStrategy): string {
  const { windowFn, timestampCombiner, accumulation, allowedLateness, trigger, closing, onTime } = windowing;
  const parts: string[] = [];
  const name = windowFn.urn.replace(/^(beam|millrace):window_fn:/, '').replace(/:v1$/, '');
  if (name !== 'global_windows') {
    const short = name.replace(/_windows$/, '');
    parts.push(windowFn.urn.startsWith('beam:') ? `${short}(${durations(windowFn.payload())})` : short);
  }
  if (timestampCombiner !== 'endOfWindow') parts.push(timestampCombiner);
  if (accumulation !== 'discarding') parts.push(accumulation);
  if (allowedLateness > 0) parts.push(latenessText(allowedLateness));
  if (trigger.kind !== 'default') parts.push(triggerText(trigger));
  if (closing !== 'fireIfNonEmpty') parts.push('last pane always');
  if (onTime !== 'fireAlways') parts.push('on-time pane if not empty');
  return parts.join(', ');
}

function latenessText(millis: number): string {
  return millis >= UNLIMITED_LATENESS ? 'unlimited lateness' : `lateness ${durationText(millis)}`;
}

/** The durations in the payload of one of Beam's window functions, without trailing offsets of zero. */
function durations(payload: Uint8Array): string {
  const fields: string[] = [];
  for (let at = 0; at + 1 < payload.length; ) {
    const end = at + 2 + payload[at + 1];
    let seconds = 0;
    let nanos = 0;
    for (let i = at + 2; i < end; ) {
      const field = payload[i++] >> 3;
      let value = 0;
      for (let scale = 1; ; scale *= 128) {
        const byte = payload[i++];
        value += (byte & 0x7f) * scale;
        if (!(byte >= 0x80)) break;
      }
      if (field === 1) seconds = value;
      else nanos = value;
    }
    if (seconds > 0 || nanos > 0) fields.push(durationText(seconds * 1000 + nanos / 1e6));
    at = end;
  }
  return fields.join(', ');
}

function shorten(text: string): string {
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 1)}…` : text;
}
