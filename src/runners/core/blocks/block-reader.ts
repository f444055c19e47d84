import { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { shapeTable } from '../../../sdk/coders/shape-table.ts';
import { CoderError, RunnerError } from '../../../sdk/errors.ts';
import { decodePane, type PaneInfo } from '../../../sdk/windows/pane-info.ts';
import type { Window } from '../../../sdk/windows/window.ts';
import type { SpillDisk } from '../spill-disk.ts';
import { readFrame } from '../spill-disk-frames.ts';
import { type Block, HEADER_BYTES, MAGIC, NUMBERS, ONE_PANE, ONE_TIMESTAMP, ONE_WINDOW } from './block.ts';

export interface BlockReaderOptions {
  readonly coder: Coder<unknown>;
  readonly windowCoder: Coder<Window>;
  readonly disk: SpillDisk;
}

/** The elements of a block. A column that is the same for all is a single value. */
export interface DecodedBlock {
  readonly values: unknown[];
  readonly timestamps: number | Float64Array;
  readonly windows: Window | Window[];
  readonly panes: PaneInfo | PaneInfo[];
}

/**
 * Reads one block.
 *
 * @throws IoError when it is on disk and cannot be read or is damaged; CoderError when the coder does not read what it wrote.
 */
export function readBlock(block: Block, options: BlockReaderOptions): DecodedBlock {
  shapeTable.import(block.shapes);
  const bytes = block.kind === 'memory' ? new Uint8Array(block.memory) : readFrame(options.disk, block.file, block);
  const { buffer, byteOffset: base } = bytes;
  const header = bytes.length < HEADER_BYTES ? [] : new Int32Array(buffer, base, HEADER_BYTES / 4);
  const [magic, flags, count, windowsAt, panesAt, valuesAt, valuesEnd, length] = header;
  if (magic !== MAGIC || length !== bytes.length)
    throw new RunnerError('BLOCK_MALFORMED', `${bytes.length} bytes are no block`);

  const hasOneTimestamp = (flags & ONE_TIMESTAMP) !== 0;
  const stamps = new Float64Array(buffer, base + HEADER_BYTES, hasOneTimestamp ? 1 : count);
  const input = new ByteReader(bytes, windowsAt, panesAt);
  const distinct: Window[] = [];
  for (let left = input.varint(); left > 0; left--) distinct.push(options.windowCoder.decode(input, true));
  let windows: Window | Window[] = distinct[0];
  if ((flags & ONE_WINDOW) === 0) {
    const numbers = new Int32Array(buffer, base + HEADER_BYTES + stamps.byteLength, count);
    windows = Array.from(numbers, (number) => distinct[number]);
  }
  input.reset(bytes, panesAt, valuesAt);
  let panes: PaneInfo | PaneInfo[] = decodePane(input);
  if ((flags & ONE_PANE) === 0) {
    panes = [panes];
    while (panes.length < count) panes.push(decodePane(input));
  }

  const values: unknown[] = [];
  if ((flags & NUMBERS) !== 0) {
    const numbers = new Float64Array(buffer, base + valuesAt, count);
    for (let i = 0; i < count; i++) values.push(numbers[i]);
  } else {
    input.reset(bytes, valuesAt, valuesEnd);
    for (let i = 0; i < count; i++) values.push(options.coder.decode(input, true));
    if (input.remaining > 0) {
      throw new CoderError('CODER_MALFORMED', `The coder ${options.coder.urn} left ${input.remaining} bytes unread`, {
        hint: 'Its decode must read exactly what encode wrote in the nested context.',
      });
    }
  }
  return { values, timestamps: hasOneTimestamp ? stamps[0] : stamps, windows, panes };
}
