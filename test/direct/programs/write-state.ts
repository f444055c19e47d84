/**
 * Writes rounds of state and commits each, until it is killed. In round n key k has the value of the last round at or
 * before n that k was written in, so that whoever reads the state can tell a whole round from a part of one. Prints the
 * number of each committed round.
 */
import fs from 'node:fs';
import { LogStateBackend } from '../../../src/runners/core/state/log-state-backend.ts';
import { NodeStateDisk } from '../../../src/runners/worker/node-state-disk.ts';
import { contentOf, LIMITS, roundOf, writtenIn } from '../../support/state-rounds.ts';

const [, , directory] = process.argv;
const backend = new LogStateBackend(new NodeStateDisk(directory), LIMITS);
for (let round = roundOf(backend) + 1; ; round++) {
  for (const key of writtenIn(round)) backend.write('t', Buffer.from(`k${key}`), contentOf(key, round));
  backend.putBlob('round', Buffer.from(`${round}`));
  backend.commit();
  // Not by a stream, which would keep it from a process that never lets go.
  fs.writeSync(1, `${round}\n`);
}
