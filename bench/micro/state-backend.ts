/** Puts, commits and reads of the durable state backend: `node bench/micro/state-backend.ts [keys]`. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { LogStateBackend } from '../../src/runners/core/state/log-state-backend.ts';
import { type Slot, StateTable } from '../../src/runners/core/state/state-table.ts';
import { NodeStateDisk } from '../../src/runners/worker/node-state-disk.ts';
import { type Coder, coders } from '../../src/sdk/index.ts';

const keys = Number(process.argv[2] ?? 1_000_000);
const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'millrace-state-'));
const key = Buffer.alloc(8);
const value = Buffer.alloc(48, 7);
const locations = new Float64Array(keys);

function keyOf(i: number): Buffer {
  key.writeUInt32BE(Math.imul(i, 0x9e3779b1) >>> 0, 0);
  key.writeUInt32BE(i, 4);
  return key;
}

function timed(what: string, count: number, action: () => void): void {
  const start = performance.now();
  const cpu = process.cpuUsage();
  action();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const busy = ((user + system) / 1e6).toFixed(2);
  const rate = (count / seconds / 1e6).toFixed(2);
  console.log(`${what.padEnd(34)} ${seconds.toFixed(2).padStart(7)} s  ${rate.padStart(7)} M/s  ${busy} s of CPU`);
}

try {
  let backend = new LogStateBackend(new NodeStateDisk(directory));
  timed('first puts', keys, () => {
    for (let i = 0; i < keys; i++) locations[i] = backend.write('t', keyOf(i), value, 0);
  });
  timed('commit', keys, () => backend.commit());
  for (let round = 0; round < 3; round++) {
    timed('overwrites, location known', keys, () => {
      for (let i = 0; i < keys; i++) locations[i] = backend.write('t', keyOf(i), value, locations[i]);
    });
    timed('commit, with cleaning', keys, () => backend.commit());
  }
  const some = Math.min(keys, 200_000);
  timed('reads', some, () => {
    for (let i = 0; i < some; i++) backend.read('t', keyOf((i * 7919) % keys));
  });
  timed('overwrites, location unknown', some, () => {
    for (let i = 0; i < some; i++) backend.write('t', keyOf((i * 7919) % keys), value);
  });
  timed('reads of keys that are not there', some, () => {
    for (let i = 0; i < some; i++) backend.read('t', keyOf(keys + i));
  });
  backend.commit();
  console.log(backend.usage);
  backend.close();
  timed('opening', keys, () => {
    backend = new LogStateBackend(new NodeStateDisk(directory));
  });
  let scanned = 0;
  timed('scan', keys, () => backend.scan('t', () => scanned++));
  const table = new StateTable<{ n: number }>({
    name: 'table',
    keyCoder: coders.key as Coder<unknown>,
    codec: { encode: ({ n }, out) => out.varint(n), decode: (input) => ({ n: input.varint() }), bytesOf: () => 50 },
    backend,
    budget: 1e12,
  });
  for (let i = 0; i < keys; i++) table.add(`key-${i}`, { n: i });
  timed('checkpoint of new entries', keys, () => {
    table.flush();
    backend.commit();
  });
  for (let i = 0; i < keys; i++) table.changed(table.find(`key-${i}`) as Slot<{ n: number }>);
  timed('checkpoint of changed entries', keys, () => {
    table.flush();
    backend.commit();
  });
  console.log(`${scanned} keys scanned; ${Math.round(process.memoryUsage().rss / 1e6)} MB resident`);
  backend.close();
} finally {
  fs.rmSync(directory, { recursive: true, force: true });
}
