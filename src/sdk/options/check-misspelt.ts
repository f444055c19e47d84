import { PipelineError } from '../errors.ts';
import { nearestName } from './option-names.ts';

/** Letters that may be wrong in a name, by its length. */
const wrongLetters = (name: string): number => (name.length < 8 ? 1 : 2);

/**
 * Refuses members of a user's object that are all but one of those that are looked for: without it, a `finishBundel` would never be
 * called. Members of any other name are the user's own.
 *
 * @param of whose members they are, e.g. `the DoFn of 'Count'`
 * @throws PipelineError `MEMBER_UNKNOWN`
 */
export function checkMisspelt(of: string, object: object, known: readonly string[]): void {
  for (const name of namesOf(object)) {
    if (known.includes(name)) continue;
    const meant = nearestName(name, known, wrongLetters(name));
    if (meant === undefined) continue;
    throw new PipelineError('MEMBER_UNKNOWN', `Nothing reads '${name}' of ${of}`, {
      hint: `did you mean '${meant}'? A member of your own needs another name`,
    });
  }
}

/** Own names, and those of methods of its classes. */
function namesOf(object: object): Set<string> {
  const names = new Set<string>();
  for (let at = object; at !== Object.prototype && at !== null; at = Object.getPrototypeOf(at) as object) {
    for (const name of Object.getOwnPropertyNames(at)) names.add(name);
  }
  return names;
}
