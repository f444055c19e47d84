// One step takes nearly all of the time; another thread looks on.
import { Pipeline } from 'millrace';

const p = new Pipeline({ threads: 1 });
p.create([0])
  .flatMap('numbers', () => Array.from({ length: 1500 }, (_, i) => i))
  .map('light', (n) => n + 1)
  .map('heavy', (n) => {
    let state = n;
    for (let i = 0; i < 200_000; i++) state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state;
  })
  .keyBy('key', (n) => n & 15)
  .groupByKey()
  .map('end', ([key]) => key);
const elements: number[] = [];
const { metrics } = await p.run({ onProgress: ({ stages }) => elements.push(stages[0].elements) });
const stats = (name: string) => metrics.transforms.find(({ transform }) => transform === name);
console.log(
  JSON.stringify({
    share: (stats('heavy')?.millis ?? 0) / metrics.transforms.reduce((sum, { millis }) => sum + millis, 0),
    heavy: [stats('heavy')?.elementsIn, stats('heavy')?.elementsOut.main],
    end: stats('end')?.elementsIn,
    bytes: (stats('key')?.bytesOut ?? 0) > 0,
    elements,
  }),
);
