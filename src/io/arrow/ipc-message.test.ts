import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { CoderError } from '../../sdk/index.ts';
import { FlatTable } from './flat-table.ts';
import { goldenPath } from './golden.test-data.ts';
import { type MessageFrame, readFrame } from './ipc-message.ts';

const file = readFileSync(goldenPath('arrow/types-plain.arrow'));

/** The messages of the golden file, which come behind its magic. */
function messages(): { at: number; frame: MessageFrame }[] {
  const found: { at: number; frame: MessageFrame }[] = [];
  for (let at = 8; ; ) {
    const frame = readFrame(file, at, file.length);
    if (frame === 'end' || frame === undefined) return found;
    found.push({ at, frame });
    at += frame.headBytes + frame.bodyBytes;
  }
}

test('the messages of a file, one behind the other', () => {
  assert.deepEqual(
    messages().map(({ frame }) => frame.kind),
    ['schema', 'dictionary', 'batch', 'batch', 'batch'],
  );
  const { at, frame } = messages()[2];
  for (const end of [at, at + 3, at + 7, at + frame.headBytes - 1]) assert.equal(readFrame(file, at, end), undefined);
  assert.equal(readFrame(Buffer.from('ffffffff00000000', 'hex'), 0, 8), 'end');
});

test('counts and places that contradict each other, which apache-arrow would follow without end', () => {
  const { at, frame } = messages()[2];
  const damaged = (change: (batch: FlatTable, bytes: Buffer) => void) => {
    const message = Buffer.from(file.subarray(at, at + frame.headBytes));
    const batch = FlatTable.root(message.subarray(8)).table(2);
    assert.ok(batch !== undefined);
    change(batch, batch.bytes);
    return () => readFrame(message, 0, message.length);
  };
  const nodes = 1;
  const buffers = 2;
  const variadicCounts = 4;
  assert.doesNotThrow(damaged(() => {}));
  for (const change of [
    (batch: FlatTable, bytes: Buffer) => bytes.writeUInt32LE(0x7fffffff, batch.vector(nodes, 16).start - 4),
    (batch: FlatTable, bytes: Buffer) => bytes.writeBigInt64LE(1n << 40n, batch.vector(nodes, 16).start),
    (batch: FlatTable, bytes: Buffer) => bytes.writeBigInt64LE(1n << 40n, batch.vector(buffers, 16).start),
    (batch: FlatTable, bytes: Buffer) => bytes.writeBigInt64LE(-8n, batch.vector(buffers, 16).start + 8),
    (batch: FlatTable, bytes: Buffer) => bytes.writeBigInt64LE(1n << 40n, batch.vector(variadicCounts, 8).start),
  ]) {
    assert.throws(damaged(change), CoderError);
  }
});

test('damaged metadata is a CoderError or still metadata', () => {
  for (const { at, frame } of messages().slice(0, 3)) {
    const message = file.subarray(at, at + frame.headBytes);
    for (let i = 0; i < message.length; i++) {
      for (const flip of [1, 0x80, 0xff]) {
        const bytes = Buffer.from(message);
        bytes[i] ^= flip;
        try {
          readFrame(bytes, 0, bytes.length);
        } catch (error) {
          assert.ok(error instanceof CoderError, String(error));
        }
      }
    }
  }
});
