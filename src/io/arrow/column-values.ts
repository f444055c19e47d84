import type * as A from 'apache-arrow';
import { Decimal } from '../../sdk/index.ts';
import { arrow } from './load-arrow.ts';
import { wrongValue } from './wrong-value.ts';

/** Makes the number that a column stores from a value of a row. @throws CoderError `ARROW_VALUE` */
export type Convert = (value: unknown) => number | bigint;

const DAY = 86_400_000;

/** The conversion for columns of numbers, times and decimals. */
export function converterOf(type: A.DataType, path: string): Convert {
  const { DataType } = arrow();
  if (DataType.isInt(type)) return intConverter(type, path);
  if (DataType.isFloat(type)) return type.precision === 0 ? halfConverter(path) : floatConverter(path);
  if (DataType.isDate(type)) return dateConverter(type, path);
  if (DataType.isTimestamp(type)) return timestampConverter(type, path);
  if (DataType.isDecimal(type)) return decimalConverter(type, path);
  if (DataType.isTime(type) && type.bitWidth === 32) return rangeConverter(path, 0, 0x7fffffff);
  // Times of day and durations in their own unit.
  return longConverter(path, -(2n ** 63n), 2n ** 63n - 1n);
}

function intConverter(type: A.Int, path: string): Convert {
  const { bitWidth, isSigned } = type;
  const low = isSigned ? -(2n ** BigInt(bitWidth - 1)) : 0n;
  const high = 2n ** BigInt(isSigned ? bitWidth - 1 : bitWidth) - 1n;
  return bitWidth === 64 ? longConverter(path, low, high) : rangeConverter(path, Number(low), Number(high));
}

function rangeConverter(path: string, low: number, high: number): Convert {
  return (value) => {
    if (Number.isInteger(value) && (value as number) >= low && (value as number) <= high) return value as number;
    throw wrongValue(path, `an integer from ${low} to ${high}`, value);
  };
}

function longConverter(path: string, low: bigint, high: bigint): Convert {
  return (value) => {
    const number = Number.isSafeInteger(value) ? BigInt(value as number) : value;
    if (typeof number === 'bigint' && number >= low && number <= high) return number;
    throw wrongValue(path, 'a bigint of 64 bits or a safe integer', value);
  };
}

function floatConverter(path: string): Convert {
  return (value) => {
    if (typeof value === 'number') return value;
    throw wrongValue(path, 'a number', value);
  };
}

function halfConverter(path: string): Convert {
  const { float64ToUint16 } = arrow().util as unknown as { float64ToUint16: (value: number) => number };
  return (value) => {
    if (typeof value === 'number') return float64ToUint16(value);
    throw wrongValue(path, 'a number', value);
  };
}

function dateConverter(type: A.Date_, path: string): Convert {
  const days = type.unit === arrow().DateUnit.DAY;
  return (value) => {
    // Beam's own form of a date is a count of days.
    const time = value instanceof Date ? value.getTime() : typeof value === 'bigint' ? Number(value) * DAY : Number.NaN;
    if (time % DAY !== 0) throw wrongValue(path, 'a Date at midnight UTC', value);
    return days ? time / DAY : BigInt(time);
  };
}

/** Milliseconds as Timestamp or Date; finer units as bigint of the unit, or a Date. */
function timestampConverter(type: A.Timestamp, path: string): Convert {
  const { TimeUnit } = arrow();
  if (type.unit === TimeUnit.SECOND || type.unit === TimeUnit.MILLISECOND) {
    const divisor = type.unit === TimeUnit.SECOND ? 1000 : 1;
    return (value) => {
      const millis = value instanceof Date ? value.getTime() : value;
      if (Number.isSafeInteger(millis) && (millis as number) % divisor === 0)
        return BigInt((millis as number) / divisor);
      throw wrongValue(path, divisor === 1 ? 'a time in milliseconds or a Date' : 'a time of whole seconds', value);
    };
  }
  const perMilli = type.unit === TimeUnit.MICROSECOND ? 1000n : 1_000_000n;
  const long = longConverter(path, -(2n ** 63n), 2n ** 63n - 1n);
  return (value) => {
    if (value instanceof Date && !Number.isNaN(value.getTime())) return BigInt(value.getTime()) * perMilli;
    if (typeof value === 'bigint') return long(value);
    throw wrongValue(path, `a bigint of ${perMilli === 1000n ? 'microseconds' : 'nanoseconds'} or a Date`, value);
  };
}

function decimalConverter(type: A.Decimal, path: string): Convert {
  const { scale, precision } = type;
  const limit = 10n ** BigInt(precision);
  return (value) => {
    const decimal = typeof value === 'string' ? Decimal.parse(value) : value;
    const shift = decimal instanceof Decimal ? scale - decimal.scale : Number.NaN;
    if (decimal instanceof Decimal && Math.abs(shift) <= 100) {
      const factor = 10n ** BigInt(Math.abs(shift));
      const exact = shift >= 0 || decimal.unscaled % factor === 0n;
      const unscaled = shift >= 0 ? decimal.unscaled * factor : decimal.unscaled / factor;
      if (exact && unscaled < limit && unscaled > -limit) return unscaled;
    }
    throw wrongValue(
      path,
      `a decimal of ${precision} digits, ${scale} of them behind the point,`,
      decimal instanceof Decimal ? String(decimal) : value,
    );
  };
}
