/**
 * Counts the words of text files.
 *
 *     npm run millrace -- run examples/wordcount.ts --input 'examples/data/*.txt' --output out/words
 */
import { count, option, pipeline } from 'millrace';
import { readText, writeText } from 'millrace/io';

export default pipeline(
  'wordcount',
  {
    input: option.string({ help: 'text files, a path or a glob' }),
    output: option.string({ help: 'prefix of the files to write' }),
  },
  (p, { input, output }) => {
    p.apply(readText(input))
      .flatMap('words', (line) => line.toLowerCase().match(/\p{L}+/gu) ?? [])
      .keyBy('word', (word) => word)
      .combinePerKey(count())
      .map('format', ([word, n]) => `${word}: ${n}`)
      .apply(writeText(output));
  },
);
