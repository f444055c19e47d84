import { innerJoin, kv, Pipeline, sum } from 'millrace';
import { readCsv } from 'millrace/io';
import { digest, input, options, runWorkload } from './workload.ts';

const p = new Pipeline({ name: 'join', ...options });
const cities = p
  .apply('Users', readCsv(input('users.csv'), { schema: { user: 'string', city: 'string' } }))
  .map('City', ({ user, city }) => kv(user, city));
const amounts = p
  .apply('Orders', readCsv(input('orders.csv'), { schema: { user: 'string', amount: 'int' } }))
  .map('Amount', ({ user, amount }) => kv(user, amount));
amounts
  .apply(innerJoin(cities))
  .map('ByCity', ([, [amount, city]]) => kv(city, amount))
  .combinePerKey(sum())
  .parDo('Digest', digest());
await runWorkload(p);
