import { PipelineError } from '../errors.ts';
import { subtriggers, type TimestampTransform, type Trigger } from './trigger.ts';

/** Most triggers inside of one, itself included. */
const MAX_TRIGGERS = 1000;
/** Deepest nesting of triggers. */
const MAX_DEPTH = 50;
/** Most transforms of one processing time. */
const MAX_TRANSFORMS = 100;
/** An element count is an int32 in Beam's protocol. */
const MAX_COUNT = 2 ** 31 - 1;

/**
 * @param what needs the trigger, for the message
 * @throws PipelineError `TRIGGER_INVALID` when it is none, or one whose parts are none
 */
export function checkTrigger(what: string, trigger: Trigger): void {
  let count = 0;
  const visit = (part: Trigger, depth: number): void => {
    if (++count > MAX_TRIGGERS || depth > MAX_DEPTH) {
      throw new PipelineError(
        'TRIGGER_INVALID',
        `A trigger has at most ${MAX_TRIGGERS} parts, nested ${MAX_DEPTH} deep; that of ${what} has more`,
      );
    }
    checkOne(what, part);
    for (const sub of subtriggers(part)) visit(sub, depth + 1);
  };
  visit(trigger, 1);
}

/** @throws PipelineError `TRIGGER_INVALID` also when the trigger is no {@link OnceTrigger}. */
export function checkOnceTrigger(what: string, trigger: Trigger): void {
  checkTrigger(what, trigger);
  if (isOnce(trigger)) return;
  throw new PipelineError(
    'TRIGGER_INVALID',
    `For ${what} a trigger is needed that can be waited for, not ${trigger.kind}`,
    {
      hint: 'these can be: afterCount(), afterProcessingTime(), afterWatermark() without firings, afterAny(), afterAll()',
    },
  );
}

function isOnce(trigger: Trigger): boolean {
  switch (trigger.kind) {
    case 'afterWatermark':
      return trigger.early === undefined && trigger.late === undefined;
    case 'afterProcessingTime':
    case 'afterSynchronizedProcessingTime':
    case 'afterCount':
    case 'afterAny':
    case 'afterAll':
    case 'never':
    case 'always':
      return true;
    default:
      return false;
  }
}

function checkOne(what: string, trigger: Trigger): void {
  switch (trigger?.kind) {
    case 'default':
    case 'afterWatermark':
    case 'afterSynchronizedProcessingTime':
    case 'repeatedly':
    case 'orFinally':
    case 'never':
    case 'always':
      return;
    case 'afterCount':
      if (Number.isInteger(trigger.count) && trigger.count >= 1 && trigger.count <= MAX_COUNT) return;
      throw new PipelineError(
        'TRIGGER_INVALID',
        `afterCount() counts 1 to ${MAX_COUNT} elements, not ${trigger.count}`,
      );
    case 'afterEach':
    case 'afterAny':
    case 'afterAll':
      if (Array.isArray(trigger.triggers) && trigger.triggers.length > 0) return;
      throw new PipelineError('TRIGGER_INVALID', `${trigger.kind}() needs at least one trigger`);
    case 'afterProcessingTime':
      if (
        Array.isArray(trigger.transforms) &&
        trigger.transforms.length <= MAX_TRANSFORMS &&
        trigger.transforms.every(isTransform)
      ) {
        return;
      }
      throw new PipelineError(
        'TRIGGER_INVALID',
        'A processing time is delayed by whole milliseconds and aligned to a period of at least one',
      );
    default:
      throw new PipelineError('TRIGGER_INVALID', `For ${what} a trigger is needed, not ${describe(trigger)}`, {
        hint: 'make one: afterWatermark({ early: afterCount(100) }), repeatedly(afterProcessingTime("1m"))',
      });
  }
}

function isTransform(transform: TimestampTransform): boolean {
  switch (transform?.kind) {
    case 'delay':
      return Number.isSafeInteger(transform.millis) && transform.millis >= 0;
    case 'alignTo':
      return Number.isSafeInteger(transform.period) && transform.period >= 1 && Number.isSafeInteger(transform.offset);
    default:
      return false;
  }
}

function describe(value: unknown): string {
  if (typeof value === 'function') return 'a function: call it';
  if (value === undefined || value === null) return String(value);
  return typeof value === 'object' ? 'an object of another kind' : `a ${typeof value}`;
}
