/**
 * Joins orders with customers and sums the revenue of each city. Orders that cannot be used go to a file of their own,
 * each with the reason: a line that is not JSON, a field that is missing, a customer who is not known.
 *
 *     npm run millrace -- run examples/join.ts --orders examples/data/orders.jsonl --customers examples/data/customers.csv --output out/join
 */
import { count, flatten, leftOuterJoin, mapInputs, option, partition, pipeline, sum, tuple } from 'millrace';
import { readCsv, readText, writeCsv, writeJsonLines } from 'millrace/io';

interface Order {
  readonly order: number;
  readonly customer: number;
  readonly amount: number;
}

/** @throws Error when the line is no order. */
function parseOrder(line: string): Order {
  const { order, customer, amount } = JSON.parse(line) as Partial<Record<string, unknown>>;
  if (typeof order !== 'number' || typeof customer !== 'number' || typeof amount !== 'number') {
    throw new Error('an order needs the numbers order, customer and amount');
  }
  return { order, customer, amount };
}

export default pipeline(
  'join',
  {
    orders: option.string({ help: 'JSON lines with order, customer and amount' }),
    customers: option.string({ help: 'CSV files with id, name and city' }),
    output: option.string({ help: 'folder to write to' }),
  },
  (p, { orders, customers, output }) => {
    const customerById = p
      .apply(readCsv(customers, { schema: { id: 'int', name: 'string', city: 'string' } }))
      .keyBy('customer id', (customer) => customer.id);

    const parsed = p.apply(readText(orders)).withErrors().map('parse', parseOrder);
    const { known, unknown } = parsed.main
      .keyBy('customer of order', (order) => order.customer)
      .apply(leftOuterJoin(customerById))
      .map('flat', ([, [order, customer]]) => ({ order, customer }))
      .apply(partition('known customer?', ['known', 'unknown'], ({ customer }) => (customer ? 'known' : 'unknown')));

    known
      .keyBy('city', ({ customer }) => customer?.city ?? '')
      .combinePerKey(
        tuple({ orders: count(), revenue: mapInputs(({ order }: { order: Order }) => order.amount, sum()) }),
      )
      .map('row', ([city, totals]) => ({ city, orders: totals.orders, revenue: totals.revenue.toFixed(2) }))
      .apply(writeCsv(`${output}/revenue`, { numShards: 1, shardNameTemplate: '' }));

    const unreadable = parsed.errors.map('unreadable', ({ element, error }) => ({
      reason: error.message,
      line: element,
    }));
    const strangers = unknown.map('strangers', ({ order }) => ({
      reason: `customer ${order.customer} is not known`,
      line: JSON.stringify(order),
    }));
    flatten([unreadable, strangers], 'dead letters').apply(
      writeJsonLines(`${output}/rejected`, { numShards: 1, shardNameTemplate: '' }),
    );
  },
);
