import { IoError } from '../../sdk/index.ts';

/** Most patterns that the braces of one glob may stand for. */
const MAX_ALTERNATIVES = 1024;

type Token =
  | { readonly kind: 'char'; readonly char: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'star' }
  | { readonly kind: 'set'; readonly negated: boolean; readonly ranges: readonly (readonly [string, string])[] };

/** One segment of a glob between slashes. */
export type GlobSegment =
  | { readonly kind: 'literal'; readonly name: string }
  | { readonly kind: 'pattern'; readonly tokens: readonly Token[] }
  /** `**`: any number of folders. */
  | { readonly kind: 'deep' };

/** A glob without braces, cut into segments. */
export interface Glob {
  readonly segments: readonly GlobSegment[];
}

/** Whether a path holds characters that mean something in a glob. */
export function isGlob(path: string): boolean {
  return /[*?[\]{}\\]/.test(path);
}

/**
 * The globs without braces that a pattern stands for.
 *
 * @throws IoError `GLOB_INVALID` when a bracket or brace is not closed or the braces stand for more than 1,024 patterns.
 */
export function parseGlob(pattern: string): readonly Glob[] {
  return expandBraces(pattern).map((plain) => ({ segments: plain.split('/').map(parseSegment) }));
}

function invalid(pattern: string, problem: string): IoError {
  return new IoError('GLOB_INVALID', `The glob ${JSON.stringify(pattern.slice(0, 200))} ${problem}`, {
    final: true,
    hint: 'Write \\ before a character that is meant as it is.',
  });
}

/** `a{b,c}d` to `abd`, `acd`; nested braces from the outside in. */
function expandBraces(pattern: string): string[] {
  const done: string[] = [];
  const open = [pattern];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const group = firstBraces(next);
    if (group === undefined) done.push(next);
    // From the last to the first, because the stack turns them round.
    else for (const choice of group.choices.reverse()) open.push(group.before + choice + group.after);
    if (done.length + open.length > MAX_ALTERNATIVES) {
      throw invalid(pattern, `stands for more than ${MAX_ALTERNATIVES} patterns`);
    }
  }
  return done;
}

function firstBraces(pattern: string): { before: string; choices: string[]; after: string } | undefined {
  let depth = 0;
  let start = 0;
  let from = 0;
  const choices: string[] = [];
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i];
    if (char === '\\') i++;
    else if (char === '[') i = Math.max(i, classEnd(pattern, i));
    else if (char === '{') {
      if (depth++ === 0) {
        start = i;
        from = i + 1;
      }
    } else if (char === ',' && depth === 1) {
      choices.push(pattern.slice(from, i));
      from = i + 1;
    } else if (char === '}' && depth > 0 && --depth === 0) {
      choices.push(pattern.slice(from, i));
      return { before: pattern.slice(0, start), choices, after: pattern.slice(i + 1) };
    }
  }
  if (depth > 0) throw invalid(pattern, 'has a { without its }');
  return undefined;
}

/** Index of the `]` that closes the class at `open`; -1 when none does. A `]` right after `[` or `[!` is a member. */
function classEnd(pattern: string, open: number): number {
  const first = pattern[open + 1] === '!' || pattern[open + 1] === '^' ? open + 2 : open + 1;
  return pattern.indexOf(']', first + 1);
}

function parseSegment(segment: string): GlobSegment {
  if (segment === '**') return { kind: 'deep' };
  const tokens: Token[] = [];
  for (let i = 0; i < segment.length; i++) {
    const char = segment[i];
    if (char === '\\' && i + 1 < segment.length) tokens.push({ kind: 'char', char: segment[++i] });
    else if (char === '?') tokens.push({ kind: 'any' });
    else if (char === '*') {
      if (tokens.at(-1)?.kind !== 'star') tokens.push({ kind: 'star' });
    } else if (char === '[') {
      const end = classEnd(segment, i);
      if (end < 0) throw invalid(segment, 'has a [ without its ]');
      tokens.push(parseClass(segment.slice(i + 1, end)));
      i = end;
    } else tokens.push({ kind: 'char', char });
  }
  if (tokens.every((token) => token.kind === 'char')) {
    return { kind: 'literal', name: tokens.map((token) => token.char).join('') };
  }
  return { kind: 'pattern', tokens };
}

function parseClass(body: string): Token {
  const negated = body.startsWith('!') || body.startsWith('^');
  const chars = negated ? body.slice(1) : body;
  const ranges: [string, string][] = [];
  for (let i = 0; i < chars.length; i++) {
    if (chars[i + 1] === '-' && i + 2 < chars.length) {
      ranges.push([chars[i], chars[i + 2]]);
      i += 2;
    } else ranges.push([chars[i], chars[i]]);
  }
  return { kind: 'set', negated, ranges };
}

function matchesToken(token: Token, char: string): boolean {
  if (token.kind === 'char') return token.char === char;
  if (token.kind === 'set') return token.ranges.some(([low, high]) => low <= char && char <= high) !== token.negated;
  return true;
}

/** Whether a name matches a segment. Takes at most length times tokens steps, whatever the pattern. */
export function matchesSegment(segment: GlobSegment, name: string): boolean {
  if (segment.kind === 'literal') return segment.name === name;
  const tokens: readonly Token[] = segment.kind === 'deep' ? [{ kind: 'star' }] : segment.tokens;
  if (name.startsWith('.') && !(tokens[0].kind === 'char' && tokens[0].char === '.')) return false;
  let t = 0;
  let n = 0;
  // Only the last star is ever tried again: what an earlier one could take more, the last one can take too.
  let star = -1;
  let taken = 0;
  while (n < name.length) {
    const token = tokens[t];
    if (token !== undefined && token.kind === 'star') {
      star = t++;
      taken = n;
    } else if (token !== undefined && matchesToken(token, name[n])) {
      t++;
      n++;
    } else if (star >= 0) {
      t = star + 1;
      n = ++taken;
    } else return false;
  }
  while (tokens[t]?.kind === 'star') t++;
  return t === tokens.length;
}

/** Whether the segments of a path match a glob: for stores that list keys instead of walking folders. */
export function matchesGlob(glob: Glob, path: readonly string[]): boolean {
  const { segments } = glob;
  // reachable[s]: the path read so far can stand at segment s; `**` stays where it is.
  let reachable = closure(segments, new Set([0]));
  for (const name of path) {
    const next = new Set<number>();
    for (const s of reachable) {
      const segment = segments[s];
      if (segment === undefined || !matchesSegment(segment, name)) continue;
      if (segment.kind === 'deep') next.add(s);
      // At the end of a glob, `**` stands for files: at least one name.
      if (segment.kind !== 'deep' || s === segments.length - 1) next.add(s + 1);
    }
    reachable = closure(segments, next);
  }
  return reachable.has(segments.length);
}

function closure(segments: readonly GlobSegment[], states: Set<number>): Set<number> {
  for (const s of states) if (segments[s]?.kind === 'deep' && s < segments.length - 1) states.add(s + 1);
  return states;
}
