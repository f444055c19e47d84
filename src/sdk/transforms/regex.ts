import { PipelineError } from '../errors.ts';
import type { Window } from '../windows/window.ts';
import { type ElementWise, flatMap, map } from './element-wise.ts';

/**
 * Transforms of strings by regular expressions (Beam's Regex). Flags are those of the expression, except that `g` and
 * `y` are ignored: an expression keeps no place between elements.
 */
export const Regex = {
  /** A group of each string that matches as a whole; the whole match for group 0. Others are dropped. */
  matches: <W extends Window>(pattern: RegExp, group: number | string = 0): ElementWise<string, string, W> => {
    const whole = new RegExp(`^(?:${pattern.source})$`, flags(pattern));
    return flatMap('RegexMatches', (text) => groupOf(whole.exec(text), group));
  },
  /** A group of the first match in each string; strings without one are dropped. */
  find: <W extends Window>(pattern: RegExp, group: number | string = 0): ElementWise<string, string, W> => {
    const first = new RegExp(pattern.source, flags(pattern));
    return flatMap('RegexFind', (text) => groupOf(first.exec(text), group));
  },
  /** A group of every match in each string. */
  findAll: <W extends Window>(pattern: RegExp, group: number | string = 0): ElementWise<string, string, W> => {
    const all = new RegExp(pattern.source, `${flags(pattern)}g`);
    return flatMap('RegexFindAll', (text) => [...text.matchAll(all)].flatMap((match) => groupOf(match, group)));
  },
  /** Each string with all matches replaced; `$1` and `$<name>` stand for groups. */
  replaceAll: <W extends Window>(pattern: RegExp, replacement: string): ElementWise<string, string, W> => {
    const all = new RegExp(pattern.source, `${flags(pattern)}g`);
    return map('RegexReplaceAll', (text) => text.replaceAll(all, replacement));
  },
  /** The parts between the matches; parts of no characters are dropped unless `empty` is set. */
  split: <W extends Window>(
    pattern: RegExp,
    options: { readonly empty?: boolean } = {},
  ): ElementWise<string, string, W> => {
    const separator = new RegExp(pattern.source, flags(pattern));
    if (options.empty === true) return flatMap('RegexSplit', (text) => text.split(separator));
    return flatMap('RegexSplit', (text) => text.split(separator).filter((part) => part !== ''));
  },
} as const;

function flags(pattern: RegExp): string {
  if (pattern instanceof RegExp) return pattern.flags.replace(/[gy]/g, '');
  throw new PipelineError('REGEX_INVALID', `A regular expression is needed, not ${typeof pattern}`);
}

/** A group that took no part in the match gives nothing. */
function groupOf(match: RegExpExecArray | null, group: number | string): readonly string[] {
  const text = typeof group === 'number' ? match?.[group] : match?.groups?.[group];
  return text === undefined ? [] : [text];
}
