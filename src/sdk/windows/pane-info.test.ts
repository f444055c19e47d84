import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteReader } from '../coders/byte-reader.ts';
import { ByteWriter } from '../coders/byte-writer.ts';
import { decodePane, encodePane, NO_FIRING, ON_TIME_AND_ONLY_FIRING, type PaneInfo } from './pane-info.ts';

function hex(pane: PaneInfo): string {
  const out = new ByteWriter();
  encodePane(pane, out);
  return out.view().toString('hex');
}
const decode = (bytes: string): PaneInfo => decodePane(new ByteReader(Buffer.from(bytes, 'hex')));

test('panes as Beam writes them', () => {
  const early: PaneInfo = { timing: 'EARLY', first: true, last: false, index: 0, nonSpeculativeIndex: -1 };
  const onTime: PaneInfo = { timing: 'ON_TIME', first: false, last: true, index: 30, nonSpeculativeIndex: 40 };
  const late: PaneInfo = { timing: 'LATE', first: false, last: false, index: 200, nonSpeculativeIndex: 200 };
  const panes: [PaneInfo, string][] = [
    [NO_FIRING, '0f'],
    [ON_TIME_AND_ONLY_FIRING, '07'],
    [early, '1100'],
    [onTime, '261e28'],
    [late, '18c801'],
  ];
  for (const [pane, bytes] of panes) {
    assert.equal(hex(pane), bytes);
    assert.deepEqual(decode(bytes), pane);
  }
});

test('the panes of one byte are shared', () => {
  assert.equal(decode('0f'), NO_FIRING);
  assert.equal(decode('07'), ON_TIME_AND_ONLY_FIRING);
  assert.equal(decode('01').nonSpeculativeIndex, -1);
});

test('encodings that Beam has not are malformed', () => {
  for (const bytes of ['3f', '8f', 'f0']) assert.throws(() => decode(bytes), { code: 'CODER_MALFORMED' });
  for (const bytes of ['', '1f', '2700']) assert.throws(() => decode(bytes), { code: 'CODER_TRUNCATED' });
});
