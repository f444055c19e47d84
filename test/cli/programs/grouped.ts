import { asList, pipeline, sum } from 'millrace';

export default pipeline('grouped', {}, (p) => {
  const names = p.create(['a', 'b']);
  const keyed = p.create([1, 2, 3]).keyBy('key', (n) => n % 2);
  keyed.combinePerKey(sum(), { name: 'total' }).map('use total', (total) => total);
  keyed.groupByKey().parDo('use groups', {
    sides: { names: asList(names) },
    process: ([key], { sides }) => [`${key} ${sides.names.length}`],
  });
});
