/** Environment variables of options begin with this. */
const ENVIRONMENT_PREFIX = 'MILLRACE_';

/** The flag of an option, without its dashes: `tempDir` is `temp-dir`. */
export function flagOf(name: string): string {
  return name.replaceAll(/(?<=[a-z0-9])[A-Z]|(?<=[A-Z])[A-Z](?=[a-z])/g, (letter) => `-${letter}`).toLowerCase();
}

/** The environment variable of an option: `tempDir` is `MILLRACE_TEMP_DIR`. */
export function variableOf(name: string): string {
  return ENVIRONMENT_PREFIX + flagOf(name).replaceAll('-', '_').toUpperCase();
}

/**
 * The known name that a mistyped one most likely stands for; `undefined` when none is near.
 *
 * @param most letters that may be wrong: a third of them by default, one in a short name, past which a suggestion is a guess
 */
export function nearestName(typed: string, known: Iterable<string>, most = guess(typed)): string | undefined {
  const wanted = bare(typed);
  let best: string | undefined;
  let bestDistance = most + 1;
  for (const name of known) {
    const distance = editDistance(wanted, bare(name));
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

function bare(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, '').slice(0, 64);
}

function guess(typed: string): number {
  const { length } = bare(typed);
  return length < 2 ? 0 : Math.max(1, Math.floor(length / 3));
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one string into the other. */
function editDistance(a: string, b: string): number {
  let older: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], older[j - 2] + 1);
    }
    older = previous;
    previous = row;
  }
  return previous[b.length];
}
