/** A time for people: ISO where a Date can express it, which Beam's extremes lie beyond. */
export function timeText(time: number): string {
  if (Math.abs(time) <= 8.64e15) return new Date(time).toISOString();
  return time < 0 ? 'the beginning of time' : 'the end of time';
}

/** What a stage waits for whose next timers are set for these times; `undefined` when there are none. */
export function waitForTimes(eventTime: number, processingTime: number, watermark: number): string | undefined {
  const waits: string[] = [];
  if (eventTime !== Number.POSITIVE_INFINITY) {
    const at = watermark < eventTime ? `, which is at ${timeText(watermark)}` : '';
    waits.push(`the watermark of its input${at}, to reach ${timeText(eventTime)}`);
  }
  if (processingTime !== Number.POSITIVE_INFINITY) waits.push(`the time of day to be ${timeText(processingTime)}`);
  return waits.length === 0 ? undefined : waits.join(' or ');
}
