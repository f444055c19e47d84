import type { Init, TimestampTransform as TransformProto, Trigger as TriggerProto } from '../../model/pipeline.ts';
import { PipelineError } from '../errors.ts';
import { checkTrigger } from './check-trigger.ts';
import type { TimestampTransform, Trigger } from './trigger.ts';

/** Beam's message of a trigger. */
export function triggerToProto(trigger: Trigger): Init<TriggerProto> {
  switch (trigger.kind) {
    case 'default':
    case 'never':
    case 'always':
    case 'afterSynchronizedProcessingTime':
      return { [trigger.kind]: {} };
    case 'afterWatermark': {
      const { early, late } = trigger;
      return {
        afterEndOfWindow: {
          ...(early === undefined ? {} : { earlyFirings: triggerToProto(early) }),
          ...(late === undefined ? {} : { lateFirings: triggerToProto(late) }),
        },
      };
    }
    case 'afterProcessingTime':
      return { afterProcessingTime: { timestampTransforms: trigger.transforms.map(transformToProto) } };
    case 'afterCount':
      return { elementCount: { elementCount: trigger.count } };
    case 'repeatedly':
      return { repeat: { subtrigger: triggerToProto(trigger.repeated) } };
    case 'afterEach':
    case 'afterAny':
    case 'afterAll':
      return { [trigger.kind]: { subtriggers: trigger.triggers.map(triggerToProto) } };
    case 'orFinally':
      return { orFinally: { main: triggerToProto(trigger.main), finally: triggerToProto(trigger.until) } };
  }
}

function transformToProto(transform: TimestampTransform): Init<TransformProto> {
  return transform.kind === 'delay'
    ? { delay: { delayMillis: BigInt(transform.millis) } }
    : { alignTo: { period: BigInt(transform.period), offset: BigInt(transform.offset) } };
}

/**
 * The trigger of one of Beam's messages.
 *
 * @throws PipelineError `TRIGGER_INVALID` when a part is missing or holds what is no trigger
 */
export function triggerFromProto(proto: TriggerProto): Trigger {
  const trigger = fromProto(proto);
  checkTrigger('the pipeline', trigger);
  return trigger;
}

/** Messages are not nested deeper than their decoder allows. */
function fromProto(proto: TriggerProto | undefined): Trigger {
  if (proto === undefined) throw invalid();
  const { afterEndOfWindow, afterProcessingTime, elementCount, repeat, orFinally } = proto;
  if (afterEndOfWindow !== undefined) {
    const { earlyFirings, lateFirings } = afterEndOfWindow;
    return Object.freeze({
      kind: 'afterWatermark',
      ...(earlyFirings === undefined ? {} : { early: fromProto(earlyFirings) }),
      ...(lateFirings === undefined ? {} : { late: fromProto(lateFirings) }),
    });
  }
  if (afterProcessingTime !== undefined) {
    const transforms = Object.freeze(afterProcessingTime.timestampTransforms.map(transformFromProto));
    return Object.freeze({ kind: 'afterProcessingTime', transforms });
  }
  if (elementCount !== undefined) return Object.freeze({ kind: 'afterCount', count: elementCount.elementCount });
  if (repeat !== undefined) return Object.freeze({ kind: 'repeatedly', repeated: fromProto(repeat.subtrigger) });
  if (orFinally !== undefined) {
    return Object.freeze({ kind: 'orFinally', main: fromProto(orFinally.main), until: fromProto(orFinally.finally) });
  }
  for (const kind of ['afterEach', 'afterAny', 'afterAll'] as const) {
    const list = proto[kind];
    if (list !== undefined) return Object.freeze({ kind, triggers: Object.freeze(list.subtriggers.map(fromProto)) });
  }
  for (const kind of ['default', 'never', 'always', 'afterSynchronizedProcessingTime'] as const) {
    if (proto[kind] !== undefined) return Object.freeze({ kind });
  }
  throw invalid();
}

function transformFromProto({ delay, alignTo }: TransformProto): TimestampTransform {
  if (delay !== undefined) return Object.freeze({ kind: 'delay', millis: Number(delay.delayMillis) });
  if (alignTo === undefined) throw invalid();
  return Object.freeze({ kind: 'alignTo', period: Number(alignTo.period), offset: Number(alignTo.offset) });
}

function invalid(): PipelineError {
  return new PipelineError('TRIGGER_INVALID', 'A trigger of the pipeline is of no known kind');
}
