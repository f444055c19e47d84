import type { Trigger } from '../../src/sdk/triggers/trigger.ts';

/** What a trigger may know when it is asked. */
export interface Now {
  readonly processingTime: number;
  /** Whether the watermark has passed the window's end. */
  readonly ended: boolean;
  /** Whether elements are still coming in at this very moment. */
  readonly arriving: boolean;
}

/**
 * A running trigger, written for plainness: each part remembers when the elements of its pane came, and works out
 * everything else from that. The rules are those of Beam's trigger state machines.
 */
export interface Run {
  readonly trigger: Trigger;
  finished: boolean;
  arrivals: number[];
  readonly parts: readonly Run[];
}

export function start(trigger: Trigger): Run {
  return { trigger, finished: false, arrivals: [], parts: partsOf(trigger).map(start) };
}

function partsOf(trigger: Trigger): readonly Trigger[] {
  switch (trigger.kind) {
    case 'afterWatermark':
      if (trigger.early === undefined && trigger.late === undefined) return [];
      return [trigger.early ?? { kind: 'never' }, trigger.late ?? { kind: 'never' }];
    case 'repeatedly':
      return [trigger.repeated];
    case 'afterEach':
    case 'afterAny':
    case 'afterAll':
      return trigger.triggers;
    case 'orFinally':
      return [trigger.main, trigger.until];
    default:
      return [];
  }
}

function forget(run: Run): void {
  run.arrivals = [];
  run.parts.forEach(forget);
}

function restart(run: Run): void {
  run.finished = false;
  run.arrivals = [];
  run.parts.forEach(restart);
}

const isFinished = (run: Run): boolean => run.finished;

/** An element comes. Where windows may merge, parts that are not at work watch too: a merge may put them back to work. */
export function arrive(run: Run, now: Now, merging: boolean): void {
  run.arrivals.push(now.processingTime);
  let parts = run.parts;
  if (run.trigger.kind === 'afterAll') parts = parts.filter((part) => !part.finished);
  const oneByOne = run.trigger.kind === 'afterEach' || run.trigger.kind === 'afterWatermark';
  if (oneByOne && !merging) parts = parts.filter((part) => !part.finished).slice(0, 1);
  for (const part of parts) arrive(part, now, merging);
}

/** The time at which a part that waits for processing time is to fire. */
export function dueTime({ trigger, arrivals }: Run): number {
  if (arrivals.length === 0) return Number.POSITIVE_INFINITY;
  let time = Math.min(...arrivals);
  if (trigger.kind !== 'afterProcessingTime') return time;
  for (const transform of trigger.transforms) {
    if (transform.kind === 'delay') time += transform.millis;
    else while ((time - transform.offset) % transform.period !== 0) time++;
  }
  return time;
}

export function ready(run: Run, now: Now): boolean {
  const { trigger, parts } = run;
  const readyOrDone = (part: Run) => part.finished || ready(part, now);
  switch (trigger.kind) {
    case 'never':
      return false;
    case 'always':
      return true;
    case 'default':
      return now.ended;
    case 'afterCount':
      return run.arrivals.length >= trigger.count;
    case 'afterProcessingTime':
    case 'afterSynchronizedProcessingTime':
      return now.arriving ? dueTime(run) < now.processingTime : dueTime(run) <= now.processingTime;
    case 'repeatedly':
      return ready(parts[0], now);
    case 'afterAny':
      return parts.some(readyOrDone);
    case 'afterAll':
      return parts.every(readyOrDone);
    case 'afterEach': {
      const current = parts.find((part) => !part.finished);
      return current !== undefined && ready(current, now);
    }
    case 'orFinally':
      return parts.some((part) => ready(part, now));
    case 'afterWatermark': {
      if (parts.length === 0) return now.ended;
      const [early, late] = parts;
      return early.finished ? ready(late, now) : now.ended || ready(early, now);
    }
  }
}

/** The trigger fires; it must be ready. */
export function fire(run: Run, now: Now, merging: boolean): void {
  const { trigger, parts } = run;
  switch (trigger.kind) {
    case 'default':
    case 'always':
    case 'never':
      break;
    case 'repeatedly':
      fire(parts[0], now, merging);
      if (parts[0].finished) restart(parts[0]);
      break;
    case 'afterAny':
      for (const part of parts) {
        if (ready(part, now)) fire(part, now, merging);
        else forget(part);
      }
      run.finished = true;
      break;
    case 'afterAll':
      for (const part of parts) fire(part, now, merging);
      run.finished = true;
      break;
    case 'afterEach': {
      const current = parts.find((part) => !part.finished);
      if (current !== undefined) fire(current, now, merging);
      if (merging) parts.forEach(forget);
      run.finished = parts.every(isFinished);
      break;
    }
    case 'orFinally': {
      const [main, until] = parts;
      if (ready(until, now)) {
        fire(until, now, merging);
        forget(main);
      } else fire(main, now, merging);
      run.finished = parts.some(isFinished);
      break;
    }
    case 'afterWatermark': {
      const [early, late] = parts;
      if (early === undefined) run.finished = true;
      else if (early.finished) {
        fire(late, now, merging);
        restart(late);
      } else if (now.ended) {
        forget(early);
        early.finished = true;
        forget(late);
        run.finished = trigger.late === undefined;
      } else {
        fire(early, now, merging);
        restart(early);
      }
      break;
    }
    default:
      run.finished = true;
  }
  if (run.trigger.kind === 'afterCount' || waitsForTime(run)) run.arrivals = [];
}

export function waitsForTime({ trigger }: Run): boolean {
  return trigger.kind === 'afterProcessingTime' || trigger.kind === 'afterSynchronizedProcessingTime';
}

/** The trigger of a window that others have become. */
export function merge(runs: readonly Run[], now: Now): Run {
  const { trigger } = runs[0];
  const parts = runs[0].parts.map((_, i) =>
    merge(
      runs.map((run) => run.parts[i]),
      now,
    ),
  );
  const merged: Run = { trigger, finished: false, arrivals: runs.flatMap((run) => run.arrivals), parts };
  const inAll = runs.every(isFinished);
  switch (trigger.kind) {
    case 'afterCount':
      // It has fired in one of the windows: what it was waiting for has happened.
      merged.finished = runs.some(isFinished);
      break;
    case 'afterProcessingTime':
    case 'afterSynchronizedProcessingTime':
      merged.finished = inAll;
      break;
    case 'afterAny':
    case 'orFinally':
      merged.finished = parts.some(isFinished);
      break;
    case 'afterAll':
      merged.finished = parts.every(isFinished);
      break;
    case 'afterEach': {
      const current = parts.findIndex((part) => !part.finished);
      for (const part of current < 0 ? [] : parts.slice(current + 1)) restart(part);
      merged.finished = current < 0;
      break;
    }
    case 'afterWatermark': {
      if (parts.length === 0) {
        merged.finished = inAll && now.ended;
        break;
      }
      const [early, late] = parts;
      early.finished = now.ended && runs.every((run) => run.parts[0].finished);
      if (early.finished) forget(early);
      else restart(late);
      merged.finished = early.finished && trigger.late === undefined;
      break;
    }
    default:
  }
  const leaf = trigger.kind === 'afterCount' || waitsForTime(merged);
  if (leaf && merged.finished) merged.arrivals = [];
  return merged;
}
