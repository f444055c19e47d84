import { UserCodeError } from '../errors.ts';

/**
 * The error of an arithmetic CombineFn that is given something else than a number: a text would make the sum a text, null
 * would count as 0. What comes from files and services is not always what its type says.
 */
export function notANumber(what: string, input: unknown): UserCodeError {
  const found = input === null ? 'null' : typeof input === 'object' ? 'an object' : `a ${typeof input}`;
  return new UserCodeError('NOT_A_NUMBER', `${what}() takes numbers, not ${found}`, {
    final: true,
    hint: 'leave such elements out, or convert them: mapInputs((element) => Number(element), …)',
  });
}
