/** The input files: the same bytes for the same size on every machine, so that figures of different days compare. */
import { LineFile } from './line-file.ts';
import { seededRandom } from './random.ts';

const VOCABULARY = 50_000;
const WORDS_PER_LINE = 10;
const KEYS = 100_000;
const CITIES = 500;

/** Lines of ten words out of 50,000, frequencies by Zipf's law with exponent 1. */
export function generateText(path: string, lines: number): void {
  const random = seededRandom(1);
  const words = vocabulary(random);
  const cumulative = new Float64Array(VOCABULARY);
  let total = 0;
  for (let rank = 0; rank < VOCABULARY; rank++) cumulative[rank] = total += 1 / (rank + 1);
  for (let rank = 0; rank < VOCABULARY; rank++) cumulative[rank] /= total;

  const file = new LineFile(path);
  for (let line = 0; line < lines; line++) {
    let text = '';
    for (let i = 0; i < WORDS_PER_LINE; i++) text += (i > 0 ? ' ' : '') + words[firstAtLeast(cumulative, random())];
    file.write(`${text}\n`);
  }
  file.close();
}

function vocabulary(random: () => number): string[] {
  const letters = 'etaoinshrdlucmfwypvbgkjqxz';
  return Array.from({ length: VOCABULARY }, (_, rank) => {
    const length = 3 + Math.floor(random() * 7);
    let word = '';
    for (let i = 0; i < length; i++) word += letters[Math.floor(random() * random() * 26)];
    return word + (rank % 97).toString(36);
  });
}

/** Index of the first entry that is not below `value`. */
function firstAtLeast(ascending: Float64Array, value: number): number {
  let low = 0;
  let high = ascending.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ascending[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** `key,value`: 100,000 distinct keys, integer values within ±10⁹, both uniform. */
export function generateKeyValues(path: string, rows: number): void {
  const random = seededRandom(2);
  const file = new LineFile(path);
  file.write('key,value\n');
  for (let row = 0; row < rows; row++) {
    const key = String(Math.floor(random() * KEYS)).padStart(7, '0');
    file.write(`key${key},${Math.floor(random() * 2e9) - 1e9}\n`);
  }
  file.close();
}

/** `user,name,city` and `user,item,amount`: every tenth order belongs to a user who is not in the first file. */
export function generateUsersAndOrders(usersPath: string, users: number, ordersPath: string, orders: number): void {
  const random = seededRandom(3);
  const usersFile = new LineFile(usersPath);
  usersFile.write('user,name,city\n');
  for (let user = 0; user < users; user++) {
    usersFile.write(`u${user},name${Math.floor(random() * 1e6)},city${Math.floor(random() * CITIES)}\n`);
  }
  usersFile.close();
  const ordersFile = new LineFile(ordersPath);
  ordersFile.write('user,item,amount\n');
  for (let order = 0; order < orders; order++) {
    const user = Math.floor(random() * users * 1.1);
    ordersFile.write(`u${user},item${Math.floor(random() * 5000)},${Math.floor(random() * 10_000)}\n`);
  }
  ordersFile.close();
}

/** `ts,key`: an event every 10 ms on average, up to 30 s out of order, 1,000 keys of unequal frequency. */
export function generateEvents(path: string, events: number): void {
  const random = seededRandom(4);
  const file = new LineFile(path);
  file.write('ts,key\n');
  for (let event = 0; event < events; event++) {
    const time = 1_700_000_000_000 + event * 10 - Math.floor(random() * 30_000);
    file.write(`${time},s${Math.floor(random() * random() * 1000)}\n`);
  }
  file.close();
}
