import { coders, option, pipeline } from 'millrace';

/** Counts words; fails on the word of `failOn`. */
export default pipeline(
  'count',
  {
    text: option.string({ help: 'words, separated by spaces' }),
    failOn: option.string({ required: false, help: 'a word to fail on' }),
    upper: coders.boolean,
  },
  (p, { text, failOn, upper }) => {
    p.create([text])
      .flatMap('split', (line) => line.split(' '))
      .parDo('check', {
        process(word, { metrics }) {
          if (word === failOn) throw new Error(`the word ${word} is not wanted`);
          metrics.counter('words').inc();
          return [upper ? word.toUpperCase() : word];
        },
      })
      .map('print', (word) => {
        console.log(word);
        return word;
      });
  },
);
