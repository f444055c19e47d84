import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { generateEvents, generateKeyValues, generateText, generateUsersAndOrders } from './generate.ts';

/** Input files by the name under which workloads ask for them. */
export type InputName = 'text' | 'keyValues' | 'usersAndOrders' | 'events';

const CACHE = join(import.meta.dirname, '..', 'data');

/** Lines at scale 1, headers not counted. */
const LINES = { text: 2_500_000, keyValues: 5_000_000, users: 200_000, orders: 2_000_000, events: 1_000_000 };

/** Makes sure that the files exist, and returns the folder they are in. Files are made once per scale and kept. */
export function prepareInput(inputs: readonly InputName[], scale: number): string {
  const folder = join(CACHE, `scale-${scale}`);
  mkdirSync(folder, { recursive: true });
  const scaled = (lines: number) => Math.round(lines * scale);
  const missing = (...names: string[]) => {
    const absent = names.filter((name) => !existsSync(join(folder, name)));
    if (absent.length > 0) console.error(`generating ${names.join(' and ')} ...`);
    return absent.length > 0;
  };
  for (const input of inputs) {
    if (input === 'text' && missing('text.txt')) generateText(join(folder, 'text.txt'), scaled(LINES.text));
    if (input === 'keyValues' && missing('kv.csv')) generateKeyValues(join(folder, 'kv.csv'), scaled(LINES.keyValues));
    if (input === 'events' && missing('events.csv')) generateEvents(join(folder, 'events.csv'), scaled(LINES.events));
    if (input === 'usersAndOrders' && missing('users.csv', 'orders.csv')) {
      const [users, orders] = [join(folder, 'users.csv'), join(folder, 'orders.csv')];
      generateUsersAndOrders(users, scaled(LINES.users), orders, scaled(LINES.orders));
    }
  }
  return folder;
}
