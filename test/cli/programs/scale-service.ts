import { coders, type PCollection, transform } from 'millrace';
import { expansionService, offer } from 'millrace/portable';

export const service = expansionService({
  'example:scale:v1': offer({
    description: 'Multiplies numbers.\n\nBy a factor.',
    configuration: coders.row({ factor: coders.safeInt, note: coders.nullable(coders.string) }),
    inputs: coders.safeInt,
    outputs: ['main'],
    transform: ({ factor }) =>
      transform('Scale', (numbers: PCollection<number>) =>
        numbers.map('Times', (n) => n * factor).withCoder(coders.safeInt),
      ),
  }),
  'example:same:v1': () => transform('Same', (input: PCollection<string>) => input),
});
