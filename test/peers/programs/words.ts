import { count, option, pipeline } from 'millrace';
import { writeText } from 'millrace/io';

/** Counts words, each with the process that has done it; fails on the word of `failOn`. */
export const words = pipeline(
  'words',
  { output: option.string(), failOn: option.string({ required: false }) },
  (p, { output, failOn }) => {
    p.create(['a b', 'b c b'])
      .flatMap('split', (line) => line.split(' '))
      .keyBy('word', (word) => word)
      .combinePerKey(count())
      .map('show', ([word, n]) => {
        if (word === failOn) throw new Error('not wanted');
        return `${word} ${n} ${process.pid}`;
      })
      .apply(writeText(output));
  },
);
