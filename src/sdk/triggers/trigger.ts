/** A change of the time of an element's arrival into the time at which its pane is to fire; milliseconds. */
export type TimestampTransform =
  | { readonly kind: 'delay'; readonly millis: number }
  /** Rounds up to the next `offset + n * period`. */
  | { readonly kind: 'alignTo'; readonly period: number; readonly offset: number };

/** Fires at the end of the window, and again for each element that comes later and is not too late. */
export interface DefaultTrigger {
  readonly kind: 'default';
}

/** Fires when the watermark passes the end of the window. */
export interface AfterEndOfWindow {
  readonly kind: 'afterWatermark';
  readonly early?: undefined;
  readonly late?: undefined;
}

/** Fires like {@link AfterEndOfWindow}, over and over as `early` says before it, and as `late` says after it. */
export interface AfterWatermark {
  readonly kind: 'afterWatermark';
  readonly early?: Trigger | undefined;
  readonly late?: Trigger | undefined;
}

/** Fires when the processing time comes that the transforms make of the arrival of a pane's first element. */
export interface AfterProcessingTime {
  readonly kind: 'afterProcessingTime';
  readonly transforms: readonly TimestampTransform[];
}

/** Fires when all that came in before a pane's first element has gone through the steps upstream. */
export interface AfterSynchronizedProcessingTime {
  readonly kind: 'afterSynchronizedProcessingTime';
}

/** Fires when a pane has that many elements. */
export interface AfterCount {
  readonly kind: 'afterCount';
  readonly count: number;
}

/** Fires as `repeated` does, and starts it anew when it has finished. */
export interface Repeatedly {
  readonly kind: 'repeatedly';
  readonly repeated: Trigger;
}

/** Each trigger until it has finished, then the next. */
export interface AfterEach {
  readonly kind: 'afterEach';
  readonly triggers: readonly Trigger[];
}

/** Fires once, when the first of the triggers would. */
export interface AfterAny {
  readonly kind: 'afterAny';
  readonly triggers: readonly Trigger[];
}

/** Fires once, when the last of the triggers would. */
export interface AfterAll {
  readonly kind: 'afterAll';
  readonly triggers: readonly Trigger[];
}

/** Fires as `main` does, until `until` fires: then it fires a last time and finishes. */
export interface OrFinally {
  readonly kind: 'orFinally';
  readonly main: Trigger;
  readonly until: Trigger;
}

/** Fires only when the window expires. */
export interface Never {
  readonly kind: 'never';
}

/** Fires at each element. */
export interface Always {
  readonly kind: 'always';
}

/** A trigger whose first firing can be waited for (Beam's OnceTrigger), so that it may be a part of another one. */
export type OnceTrigger =
  | AfterEndOfWindow
  | AfterProcessingTime
  | AfterSynchronizedProcessingTime
  | AfterCount
  | AfterAny
  | AfterAll
  | Never
  | Always;

/**
 * When a grouping gives out what it has of a window (Beam's Trigger): immutable data, made by {@link afterWatermark},
 * {@link afterCount}, {@link repeatedly} and the other functions of their kind.
 */
export type Trigger = OnceTrigger | DefaultTrigger | AfterWatermark | Repeatedly | AfterEach | OrFinally;

/** Parts of a trigger that are triggers. */
export function subtriggers(trigger: Trigger): readonly Trigger[] {
  switch (trigger.kind) {
    case 'afterWatermark':
      return [trigger.early, trigger.late].filter((sub) => sub !== undefined);
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
