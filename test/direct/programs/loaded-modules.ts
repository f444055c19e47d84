// Prints which modules a small pipeline loads: those that `import 'millrace'` brings, and those that its run adds.
import { registerHooks } from 'node:module';

const loaded: string[] = [];
registerHooks({
  load(url, context, next) {
    loaded.push(url);
    return next(url, context);
  },
});
const { Pipeline } = await import('millrace');
const imported = loaded.length;
const p = new Pipeline({ threads: 0 });
p.create(['a', 'b'])
  .keyBy('key', (text) => text)
  .groupByKey()
  .map('end', ([key]) => key);
await p.run();
console.log(JSON.stringify({ imported: loaded.slice(0, imported), run: loaded.slice(imported) }));
