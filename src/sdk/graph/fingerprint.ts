import type { Coder } from '../coders/coder.ts';
import { type StatefulDoFn, statefulDoFn } from '../state/check-stateful.ts';
import { elementsText } from '../transforms/held-elements.ts';
import { triggerText } from '../triggers/trigger-rules.ts';
import type { Window } from '../windows/window.ts';
import type { WindowFn } from '../windows/window-fn.ts';
import type { Graph, TransformNode } from './graph.ts';
import { hashText } from './hash-text.ts';

/**
 * A pipeline line by line: options, transforms, collections. Two programs have built the same pipeline when all lines
 * are equal; a worker compares its own with those of the program that sent the work, before the first element.
 *
 * Covered are names, order and kinds of transforms, their inputs, side inputs and outputs, coders with their payloads,
 * windowing, options, and the elements of `create`. Not covered is what user functions do.
 *
 * @param options option values the pipeline was built with, if it has any
 */
export function describeGraph(graph: Graph, options: Readonly<Record<string, unknown>> = {}): string[] {
  const lines: string[] = [];
  for (const name of Object.keys(options).sort()) lines.push(`option '${name}' = ${optionText(options[name])}`);
  for (const node of graph.transforms.values()) lines.push(transformLine(node));
  const coders = new Map<Coder<unknown>, string>();
  const windowFns = new Map<WindowFn<Window>, string>();
  for (const { id, coder, windowing, bounded } of graph.collections.values()) {
    let coderText = coders.get(coder);
    if (coderText === undefined) coders.set(coder, (coderText = fullCoder(coder)));
    const { windowFn } = windowing;
    let windowText = windowFns.get(windowFn);
    if (windowText === undefined)
      windowFns.set(windowFn, (windowText = windowFn.urn + payloadText(windowFn.payload())));
    const { timestampCombiner, alreadyMerged, allowedLateness, accumulation, trigger, closing, onTime } = windowing;
    lines.push(
      `collection '${id}' of ${coderText} in ${windowText} ${timestampCombiner} ${accumulation} ` +
        `lateness ${allowedLateness} ${triggerText(trigger)} closing ${closing} onTime ${onTime}` +
        `${alreadyMerged ? ' merged' : ''}${bounded ? '' : ' unbounded'}`,
    );
  }
  return lines;
}

/**
 * The first line in which two descriptions differ, as a sentence; `undefined` when they are equal.
 *
 * @param ours description by the program that speaks, @param theirs by the one it is compared with
 */
export function firstDifference(ours: readonly string[], theirs: readonly string[]): string | undefined {
  const length = Math.max(ours.length, theirs.length);
  for (let i = 0; i < length; i++) {
    const [here, there] = [ours[i], theirs[i]];
    if (here === there) continue;
    if (here === undefined) return `only the other program has: ${there}`;
    if (there === undefined) return `only this program has: ${here}`;
    const has = (lines: readonly string[], subject: string) => lines.some((line) => subjectOf(line) === subject);
    if (!has(theirs, subjectOf(here))) return `only this program has: ${here}`;
    if (!has(ours, subjectOf(there))) return `only the other program has: ${there}`;
    return `this program has: ${here}; the other one: ${there}`;
  }
  return undefined;
}

/** The kind and name that a line begins with. */
function subjectOf(line: string): string {
  const [, subject = line] = /^(\w+ '.*?')(?= |$)/.exec(line) ?? [];
  return subject;
}

function transformLine(node: TransformNode): string {
  const { spec } = node;
  let text = `transform '${node.name}' ${spec?.kind ?? 'composite'}`;
  switch (spec?.kind) {
    case 'parDo':
      text += ` ${spec.fn.kind}`;
      if (spec.fn.kind === 'splittable') text += ` restriction ${fullCoder(spec.fn.fn.restriction.coder)}`;
      if (spec.fn.holds !== undefined) text += ` holding ${spec.fn.holds()}`;
      text += stateText(statefulDoFn(spec));
      if (spec.fn.errors !== undefined) text += ` errors to ${spec.fn.errors.tag}`;
      for (const [name, side] of Object.entries(spec.sides)) text += ` side '${name}' ${side.view}`;
      break;
    case 'combinePerKey':
    case 'combineGroupedValues':
      if (spec.fn.name !== undefined) text += ` ${spec.fn.name}`;
      if (spec.fn.coder !== undefined) text += ` accumulators ${fullCoder(spec.fn.coder)}`;
      break;
    case 'testStream':
      text += ` ${elementsText(spec.events)}`;
      break;
    case 'external':
      text += ` ${spec.urn}${payloadText(spec.payload)}`;
      break;
    case undefined:
      break;
    default:
  }
  return `${text} of ${collectionsText(node.inputs)} to ${collectionsText(node.outputs)}`;
}

function stateText(fn: StatefulDoFn | undefined): string {
  if (fn === undefined) return '';
  let text = fn.requiresTimeSortedInput ? ' sorted by time' : '';
  for (const [name, state] of Object.entries(fn.state ?? {})) {
    const coders = 'key' in state ? [state.key, state.value] : [state.coder];
    text += ` ${state.kind} state '${name}' of ${coders.map(fullCoder).join(', ')}`;
    if (state.kind === 'combining' && state.fn.name !== undefined) text += ` ${state.fn.name}`;
  }
  for (const [name, { domain, family }] of Object.entries(fn.timers ?? {})) {
    text += ` ${domain} timer${family ? 's' : ''} '${name}'`;
  }
  return text;
}

function collectionsText(collections: Readonly<Record<string, string>>): string {
  const entries = Object.entries(collections);
  return entries.length === 0 ? 'nothing' : entries.map(([local, id]) => `${local}='${id}'`).join(', ');
}

function fullCoder(coder: Coder<unknown>): string {
  const own = coder.payload === undefined ? coder.urn : coder.urn + payloadText(coder.payload);
  return coder.components.length === 0 ? own : `${own}<${coder.components.map(fullCoder).join(',')}>`;
}

/** A payload where it is short, else its length and a hash. */
function payloadText(payload: Uint8Array): string {
  if (payload.length === 0) return '';
  if (payload.length <= 32) return `[${Buffer.from(payload).toString('hex')}]`;
  return `[${payload.length} bytes ${hashText(payload)}]`;
}

function optionText(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (Array.isArray(value)) return `[${value.map(optionText).join(', ')}]`;
  return JSON.stringify(value) ?? 'undefined';
}
