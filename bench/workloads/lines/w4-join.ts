import { innerJoin, kv, Pipeline, sum } from 'millrace';
import { readText } from 'millrace/io';
import { digest, input, options, runWorkload } from '../workload.ts';

const p = new Pipeline({ name: 'join-of-lines', ...options });
const cities = p.apply('Users', readText(input('users.csv'), { skipHeaderLines: 1 })).map('City', (line) => {
  const [user, , city] = line.split(',');
  return kv(user, city);
});
const amounts = p.apply('Orders', readText(input('orders.csv'), { skipHeaderLines: 1 })).map('Amount', (line) => {
  const [user, , amount] = line.split(',');
  return kv(user, Number(amount));
});
amounts
  .apply(innerJoin(cities))
  .map('ByCity', ([, [amount, city]]) => kv(city, amount))
  .combinePerKey(sum())
  .parDo('Digest', digest());
await runWorkload(p);
