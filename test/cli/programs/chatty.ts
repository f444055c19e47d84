import { pipeline, reshuffle } from 'millrace';

/** Prints for minutes. */
export default pipeline('chatty', {}, (p) => {
  p.create(Array.from({ length: 10_000 }, (_, i) => i))
    .apply(reshuffle())
    .flatMap('many', (n) => Array.from({ length: 10_000 }, (_, i) => `${n} ${i}`))
    .map('print', (text) => console.log(text.padEnd(1000)));
});
