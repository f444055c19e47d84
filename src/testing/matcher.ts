import { inspect } from 'node:util';

/** Whether an actual value is the expected one. */
export type Same = (actual: unknown, expected: unknown) => boolean;

/** Stands for a set of values where an assertion expects one. */
export class Matcher {
  /** Shown in place of the value. */
  readonly description: string;
  readonly matches: (actual: unknown, same: Same) => boolean;

  constructor(description: string, matches: (actual: unknown, same: Same) => boolean) {
    this.description = description;
    this.matches = matches;
  }

  [inspect.custom](): string {
    return `<${this.description}>`;
  }
}
