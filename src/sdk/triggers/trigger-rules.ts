import { durationText } from '../windows/timestamp.ts';
import type { Trigger } from './trigger.ts';
import { DEFAULT_TRIGGER, repeatedly } from './triggers.ts';

/** Whether the trigger may come to an end before its window does, from when on the window's elements are dropped. */
export function mayFinish(trigger: Trigger): boolean {
  switch (trigger.kind) {
    case 'default':
    case 'always':
    case 'repeatedly':
      return false;
    case 'afterWatermark':
      return trigger.late === undefined;
    case 'afterEach':
      return trigger.triggers.every(mayFinish);
    case 'orFinally':
      return mayFinish(trigger.main) || mayFinish(trigger.until);
    default:
      return true;
  }
}

/** Whether no element that is not too late can be lost because the trigger has finished; the rule of Beam's GroupByKey. */
export function isSafe(trigger: Trigger, allowedLateness: number): boolean {
  if (!mayFinish(trigger) || trigger.kind === 'never') return true;
  return trigger.kind === 'afterWatermark' && allowedLateness === 0;
}

/**
 * The trigger of a grouping's output: it passes on what the grouping's own firings give it as soon as it has it, since
 * they have waited already (Beam's continuation trigger).
 */
export function continuationTrigger(trigger: Trigger): Trigger {
  switch (trigger.kind) {
    case 'afterWatermark': {
      const { early, late } = trigger;
      if (early === undefined && late === undefined) return trigger;
      return Object.freeze({
        kind: 'afterWatermark',
        ...(early === undefined ? {} : { early: continuationTrigger(early) }),
        ...(late === undefined ? {} : { late: continuationTrigger(late) }),
      });
    }
    case 'afterProcessingTime':
      return Object.freeze({ kind: 'afterSynchronizedProcessingTime' });
    case 'afterCount':
      return trigger.count === 1 ? trigger : Object.freeze({ kind: 'afterCount', count: 1 });
    case 'repeatedly':
      return repeatedly(continuationTrigger(trigger.repeated));
    case 'afterEach':
      return repeatedly(Object.freeze({ kind: 'afterAny', triggers: trigger.triggers.map(continuationTrigger) }));
    case 'afterAny':
    case 'afterAll':
      return Object.freeze({ kind: trigger.kind, triggers: trigger.triggers.map(continuationTrigger) });
    case 'orFinally':
      return repeatedly(
        Object.freeze({
          kind: 'orFinally',
          main: continuationTrigger(trigger.main),
          until: continuationTrigger(trigger.until),
        }),
      );
    case 'default':
      return DEFAULT_TRIGGER;
    default:
      return trigger;
  }
}

/** A trigger as a program writes it; two triggers that behave alike by their parts have the same text. */
export function triggerText(trigger: Trigger): string {
  switch (trigger.kind) {
    case 'default':
      return 'defaultTrigger()';
    case 'afterWatermark': {
      const firings = (['early', 'late'] as const).flatMap((name) => {
        const sub = trigger[name];
        return sub === undefined ? [] : [`${name}: ${triggerText(sub)}`];
      });
      return firings.length === 0 ? 'afterWatermark()' : `afterWatermark({ ${firings.join(', ')} })`;
    }
    case 'afterProcessingTime':
      return `afterProcessingTime(${trigger.transforms
        .map((transform) =>
          transform.kind === 'delay'
            ? durationText(transform.millis)
            : `alignTo ${durationText(transform.period)}${transform.offset === 0 ? '' : ` from ${durationText(transform.offset)}`}`,
        )
        .join(', ')})`;
    case 'afterCount':
      return `afterCount(${trigger.count})`;
    case 'repeatedly':
      return `repeatedly(${triggerText(trigger.repeated)})`;
    case 'afterEach':
    case 'afterAny':
    case 'afterAll':
      return `${trigger.kind}(${trigger.triggers.map(triggerText).join(', ')})`;
    case 'orFinally':
      return `orFinally(${triggerText(trigger.main)}, ${triggerText(trigger.until)})`;
    case 'afterSynchronizedProcessingTime':
    case 'never':
    case 'always':
      return `${trigger.kind}()`;
  }
}
