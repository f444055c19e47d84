/** Type tests of what transforms take and give beside elements; see inference.types.test.ts. */
import { test } from 'node:test';
import { coders, Pipeline } from './index.ts';

const p = new Pipeline();
const numbers = p.create([1, 2, 3]);

test('the coder of a DoFn takes all of its outputs', () => {
  numbers.parDo('strings', { coder: coders.string, process: (n) => [String(n)] });
  numbers.parDo('nullable', { coder: coders.nullable(coders.string), process: (n) => [n > 1 ? 'a' : null] });
  numbers.parDo('wider', { coder: coders.default<string | number>(), process: (n) => [n] });
  // @ts-expect-error the coder has no nulls
  numbers.parDo('nulls', { coder: coders.string, process: (n) => [n > 1 ? 'a' : null] });
  // @ts-expect-error the coder takes strings
  numbers.parDo('numbers', { coder: coders.string, process: (n) => [n] });
  numbers.parDo('generator', {
    coder: coders.double,
    // @ts-expect-error the coder has no undefined
    *process(n) {
      yield n > 1 ? n : undefined;
    },
  });
});
