import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decodeFromBytes, encodeToBytes } from '../coders/coder.ts';
import { PipelineError } from '../errors.ts';
import { calendarDays, calendarMonths, calendarWeeks, calendarYears } from './calendar-windows.ts';
import { fixed } from './fixed-windows.ts';
import { mergeOverlapping, sessions } from './session-windows.ts';
import { sliding } from './sliding-windows.ts';
import {
  type Duration,
  END_OF_GLOBAL_WINDOW,
  MAX_TIMESTAMP,
  MIN_TIMESTAMP,
  type Timestamp,
  timestamp,
} from './timestamp.ts';
import { GLOBAL_WINDOW, IntervalWindow } from './window.ts';

fc.configureGlobal({ seed: 4 });

const ms = (millis: number) => `${millis}ms` as Duration;
const at = (iso: string) => timestamp(iso);
const times = fc.integer({ min: -(10 ** 13), max: 10 ** 13 }).map((time) => time as Timestamp);
const nearTimes = fc.integer({ min: -500, max: 500 }).map((time) => time as Timestamp);
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const show = (window: IntervalWindow) => `${window}`.replaceAll(':00.000Z', '');

describe('fixed windows', () => {
  test('hold their elements, are aligned and shared', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 ** 10 }),
        fc.nat(10 ** 11),
        fc.array(times, { minLength: 1 }),
        (size, offset, all) => {
          const windows = fixed(ms(size), { offset: ms(offset) });
          for (const time of all) {
            const window = windows.assignOne!(time);
            assert.ok(window.start <= time && time < window.end);
            assert.equal(window.end - window.start, size);
            assert.equal((BigInt(window.start) - BigInt(offset)) % BigInt(size), 0n);
            assert.equal(windows.assignOne!(time), window);
            assert.deepEqual(windows.assign(time), [window]);
          }
        },
      ),
    );
  });

  test('are the windows that scanning the time line finds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(60), fc.array(nearTimes), (size, offset, all) => {
        const windows = fixed(ms(size), { offset: ms(offset) });
        for (const time of all) {
          let start = offset - 600 * size;
          while (start + size <= time) start += size;
          assert.deepEqual(
            windows.assignOne!(time),
            new IntervalWindow(start as Timestamp, (start + size) as Timestamp),
          );
        }
      }),
    );
  });

  test('reach to both ends of time', () => {
    const hours = fixed('1h');
    assert.equal(hours.assignOne!(END_OF_GLOBAL_WINDOW).maxTimestamp, END_OF_GLOBAL_WINDOW);
    for (const time of [MIN_TIMESTAMP, END_OF_GLOBAL_WINDOW, MAX_TIMESTAMP]) {
      const window = hours.assignOne!(time);
      assert.ok(window.start <= time && window.start > time - 3_600_001);
    }
    assert.ok(Object.is(hours.assignOne!(0 as Timestamp).start, 0));
  });

  test('that begin before time does keep both ends when they are encoded', () => {
    for (const size of ['1ms', '1h', '365d'] as const) {
      const window = fixed(size).assignOne!(MIN_TIMESTAMP);
      const decoded = decodeFromBytes(fixed(size).coder, encodeToBytes(fixed(size).coder, window));
      assert.deepEqual(decoded, window);
    }
  });

  test('have the payload of Beam', () => {
    // {size: {seconds: 90}, offset: {seconds: 1, nanos: 500000000}}
    assert.equal(hex(fixed('90s', { offset: '1500ms' }).payload()), '0a02085a' + '120808011080cab5ee01');
    // {size: {nanos: 250000000}, offset: {}}
    assert.equal(hex(fixed('250ms').payload()), '0a0510' + '80e59a77' + '1200');
  });

  test("of a side input hold the main window's last moment", () => {
    const main = new IntervalWindow(at('2024-01-01T10:30Z'), at('2024-01-01T11:00Z'));
    assert.equal(show(fixed('1h').sideInputWindow!(main)), '[2024-01-01T10:00..2024-01-01T11:00)');
    assert.throws(() => fixed('1h').sideInputWindow!(GLOBAL_WINDOW), { code: 'SIDE_INPUT_WINDOW' });
  });

  test('refuse a size of nothing', () => {
    assert.throws(() => fixed('0s'), PipelineError);
    assert.throws(() => fixed('1x' as Duration), { code: 'DURATION_INVALID' });
  });
});

describe('sliding windows', () => {
  test('are the windows that scanning the time line finds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 60 }),
        fc.nat(60),
        fc.array(nearTimes),
        (every, size, offset, all) => {
          const windows = sliding({ size: ms(size), every: ms(every), offset: ms(offset) });
          for (const time of [...all, ...all.toSorted((x, y) => x - y)]) {
            const expected: number[] = [];
            for (let start = offset - 700 * every; start <= time; start += every) {
              if (start + size > time) expected.unshift(start);
            }
            const got = windows.assign(time);
            assert.deepEqual(
              got.map((w) => w.start),
              expected,
            );
            assert.ok(got.every((w) => w.end - w.start === size));
          }
        },
      ),
    );
  });

  test("of a side input are the earliest that hold the main window's last moment", () => {
    fc.assert(
      fc.property(nearTimes, fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 40 }), (end, every, more) => {
        const windows = sliding({ size: ms(every + more), every: ms(every) });
        const main = new IntervalWindow((end - 3) as Timestamp, end);
        const holding = windows.assign(main.maxTimestamp);
        assert.deepEqual(windows.sideInputWindow!(main), holding.at(-1));
      }),
    );
  });

  test('have the payload of Beam', () => {
    const payload = sliding({ size: '60s', every: '10s', offset: '5s' }).payload();
    assert.equal(hex(payload), '0a02083c' + '12020805' + '1a02080a');
  });

  test('take the fast path when they do not overlap', () => {
    assert.ok(sliding({ size: '1h', every: '1h' }).assignOne);
    assert.equal(sliding({ size: '1h', every: '1m' }).assignOne, undefined);
  });

  test('refuse endless overlap', () => {
    assert.throws(() => sliding({ size: '1d', every: '1ms' }), { code: 'WINDOW_INVALID' });
  });
});

describe('sessions', () => {
  test('merge into the runs of elements less than a gap apart', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.array(nearTimes, { minLength: 1 }), (gap, all) => {
        const windows = sessions({ gap: ms(gap) });
        const assigned = all.map((time) => windows.assign(time)[0]);
        const merged = new Map(assigned.map((window) => [`${window}`, `${window}`]));
        for (const { merged: into, sources } of windows.merge!(assigned)) {
          assert.ok(sources.length > 1);
          for (const source of sources) merged.set(`${source}`, `${into}`);
        }
        const sorted = all.toSorted((a, b) => a - b);
        let first = 0;
        for (let i = 0; i < sorted.length; i++) {
          if (i + 1 < sorted.length && sorted[i + 1] - sorted[i] < gap) continue;
          const session = new IntervalWindow(sorted[first], (sorted[i] + gap) as Timestamp);
          for (const time of sorted.slice(first, i + 1)) {
            assert.equal(merged.get(`${windows.assign(time)[0]}`), `${session}`);
          }
          first = i + 1;
        }
      }),
    );
  });

  test('merge to the same in any order and grouping', () => {
    fc.assert(
      fc.property(fc.array(nearTimes, { minLength: 2 }), fc.nat(), (all, cut) => {
        const windows = all.map((time) => new IntervalWindow(time, (time + 20) as Timestamp));
        const final = (list: readonly IntervalWindow[]) => {
          const merges = mergeOverlapping(list);
          const used = new Set(merges.flatMap((merge) => merge.sources));
          return [...merges.map((merge) => merge.merged), ...list.filter((window) => !used.has(window))];
        };
        const at = cut % windows.length;
        const inParts = final([...final(windows.slice(at)), ...final(windows.slice(0, at))]);
        const names = (list: readonly IntervalWindow[]) => [...new Set(list.map(String))].sort();
        assert.deepEqual(names(inParts), names(final(windows)));
      }),
    );
  });

  test('have the payload of Beam and no side-input windows', () => {
    assert.equal(hex(sessions({ gap: '30m' }).payload()), '0a0308880e');
    assert.equal(sessions({ gap: '30m' }).sideInputWindow, undefined);
  });
});

describe('calendar windows', () => {
  const zones = ['UTC', 'Europe/Zurich', 'America/New_York', 'America/St_Johns', 'Australia/Lord_Howe', 'Asia/Kolkata'];

  test('days in UTC are fixed windows', () => {
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 400 }), (time, count) => {
        const day = calendarDays(count).assignOne!(time);
        assert.deepEqual(day, fixed(`${count}d`).assignOne!(time));
      }),
    );
  });

  test('follow each other without gap, hold their elements, and start at midnight on the right date', () => {
    const kinds = [calendarDays, calendarWeeks, calendarMonths, calendarYears];
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.constantFrom(...kinds),
        fc.integer({ min: 1, max: 14 }),
        fc.constantFrom('1970-01-05', '2023-05-15', '2024-02-29'),
        fc.integer({ min: Date.UTC(1980, 0), max: Date.UTC(2037, 0) }),
        (zone, kind, count, start, time) => {
          const fn = kind(count, { timeZone: zone, start });
          const window = fn.assignOne!(time as Timestamp);
          assert.ok(window.start <= time && time < window.end);
          assert.equal(fn.assignOne!(window.start), window);
          assert.equal(fn.assignOne!((window.end - 1) as Timestamp), window);
          assert.equal(fn.assignOne!(window.end).start, window.end);
          const clock = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
          const [from, to] = [clock.format(window.start), clock.format(window.end)];
          assert.match(from, / 00:0[01]:00$/);
          const [y, m, d] = from.slice(0, 10).split('-').map(Number);
          const [sy, sm, sd] = start.split('-').map(Number);
          const days = Math.round((Date.parse(to.slice(0, 10)) - Date.parse(from.slice(0, 10))) / 86_400_000);
          if (kind === calendarDays) assert.equal(days, count);
          if (kind === calendarWeeks) assert.equal(days, 7 * count);
          if (kind === calendarMonths || kind === calendarYears) {
            const months = kind === calendarMonths ? count : 12 * count;
            assert.equal(Math.abs((y - sy) * 12 + m - sm) % months, 0);
            assert.equal(d, Math.min(sd, new Date(Date.UTC(y, m, 0)).getUTCDate()));
          } else {
            assert.equal(Math.abs(Date.parse(from.slice(0, 10)) - Date.parse(start)) % (days * 86_400_000), 0);
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  const day = (zone: string, time: string) => calendarDays(1, { timeZone: zone }).assignOne!(at(time));

  test('a day of a clock change is shorter or longer', () => {
    const hours = (window: IntervalWindow) => (window.end - window.start) / 3_600_000;
    assert.equal(hours(day('America/New_York', '2024-03-10T12:00Z')), 23);
    assert.equal(hours(day('America/New_York', '2024-11-03T12:00Z')), 25);
    assert.equal(hours(day('Europe/Zurich', '2024-03-31T12:00Z')), 23);
    assert.equal(hours(day('Australia/Lord_Howe', '2024-04-07T00:00Z')), 24.5);
  });

  test('a day without a midnight starts when its first hour does', () => {
    const window = day('America/Sao_Paulo', '2018-11-04T12:00Z');
    assert.equal(show(window), '[2018-11-04T03:00..2018-11-05T02:00)');
    assert.equal(show(day('America/Sao_Paulo', '2018-11-04T02:59:59.999Z')), '[2018-11-03T03:00..2018-11-04T03:00)');
  });

  test('a midnight that comes twice counts once', () => {
    // Clocks in Newfoundland went from 00:01 back to 23:01 of the day before.
    const window = day('America/St_Johns', '2010-11-07T02:45Z');
    assert.equal(show(window), '[2010-11-07T02:30..2010-11-08T03:30)');
    assert.equal(show(day('America/St_Johns', '2010-11-07T02:29:59Z')), '[2010-11-06T02:30..2010-11-07T02:30)');
  });

  test('a day that a country skipped holds nothing', () => {
    assert.equal(show(day('Pacific/Apia', '2011-12-30T09:59Z')), '[2011-12-29T10:00..2011-12-30T10:00)');
    assert.equal(show(day('Pacific/Apia', '2011-12-30T10:00Z')), '[2011-12-30T10:00..2011-12-31T10:00)');
  });

  test('months begin on the last day where the wanted one is missing', () => {
    const months = calendarMonths(1, { start: '2024-01-31' });
    assert.equal(show(months.assignOne!(at('2024-02-29T00:00Z'))), '[2024-02-29T00:00..2024-03-31T00:00)');
    assert.equal(show(months.assignOne!(at('2023-02-27T23:59Z'))), '[2023-01-31T00:00..2023-02-28T00:00)');
  });

  test('the years before the first one count on', () => {
    const years = calendarYears(1);
    const window = years.assignOne!(timestamp(Date.UTC(-44, 2, 15)));
    assert.deepEqual([window.start, window.end], [Date.UTC(-44, 0), Date.UTC(-43, 0)]);
    const zurich = calendarYears(1, { timeZone: 'Europe/Zurich' }).assignOne!(timestamp(Date.UTC(-44, 2, 15)));
    assert.ok(Math.abs(zurich.start - window.start) < 3_600_000 && zurich.start !== window.start);
  });

  test('refuse what is no calendar', () => {
    assert.throws(() => calendarDays(0), { code: 'WINDOW_INVALID' });
    assert.throws(() => calendarMonths(1.5), { code: 'WINDOW_INVALID' });
    assert.throws(() => calendarDays(1, { timeZone: 'Mars/Olympus' }), { code: 'TIME_ZONE_UNKNOWN' });
    for (const start of ['2023-02-29', '2023-13-01', '2023-00-10']) {
      assert.throws(() => calendarDays(1, { start }), { code: 'WINDOW_INVALID' }, start);
    }
    assert.throws(() => calendarDays(1).assignOne!(MIN_TIMESTAMP), { code: 'TIMESTAMP_OUT_OF_RANGE' });
    assert.throws(() => calendarYears(10_001), { code: 'WINDOW_INVALID', message: /1 to 10000 years/ });
    for (const longest of [calendarDays, calendarWeeks, calendarMonths]
      .map((of) => of(100_000))
      .concat(calendarYears(10_000))) {
      assert.ok(longest.assignOne!(at('2024-01-01')).end > at('2024-01-01'));
    }
  });

  test('say what they are in their payload', () => {
    const payload = new TextDecoder().decode(calendarWeeks(2, { timeZone: 'Asia/Tokyo' }).payload());
    assert.deepEqual(JSON.parse(payload), { unit: 'week', count: 2, timeZone: 'Asia/Tokyo', start: '1970-01-05' });
  });
});
