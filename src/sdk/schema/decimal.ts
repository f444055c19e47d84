import { CoderError } from '../errors.ts';

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,9}))?$/i;
/** Longest run of zeros that is written out. */
const MAX_PLAIN_ZEROS = 1000;

/** An exact decimal number, `unscaled × 10^−scale` (Beam's `decimal` logical type, Java's BigDecimal). 1.0 and 1.00 differ. */
export class Decimal {
  readonly unscaled: bigint;
  /** Digits behind the point: an integer of 32 bits; negative for multiples of a power of ten. */
  readonly scale: number;

  constructor(unscaled: bigint, scale: number) {
    if ((scale | 0) !== scale) throw new CoderError('DECIMAL_INVALID', `A decimal cannot have the scale ${scale}`);
    this.unscaled = unscaled;
    this.scale = scale;
  }

  /** @throws CoderError `DECIMAL_INVALID` unless the text is a decimal number, e.g. `-100.123` or `1e6`. */
  static parse(text: string): Decimal {
    const match = DECIMAL.exec(text);
    if (match === null || (match[2] === '' && !match[3])) {
      throw new CoderError('DECIMAL_INVALID', `${JSON.stringify(text.slice(0, 40))} is not a decimal number`);
    }
    const [, sign, whole, fraction = '', exponent = '0'] = match;
    const unscaled = BigInt(whole + fraction);
    return new Decimal(sign === '-' ? -unscaled : unscaled, fraction.length - Number(exponent));
  }

  /** The nearest double. */
  toNumber(): number {
    return Number(`${this.unscaled}e${-this.scale}`);
  }

  toString(): string {
    const { unscaled, scale } = this;
    const digits = (unscaled < 0n ? -unscaled : unscaled).toString();
    const sign = unscaled < 0n ? '-' : '';
    const missing = scale > 0 ? scale - digits.length + 1 : -scale;
    if (missing > MAX_PLAIN_ZEROS) return `${sign}${digits}e${-scale}`;
    if (scale <= 0) return sign + digits + (unscaled === 0n ? '' : '0'.repeat(-scale));
    const padded = digits.padStart(scale + 1, '0');
    return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
  }

  /** As a string: JSON numbers are doubles. */
  toJSON(): string {
    return this.toString();
  }
}
