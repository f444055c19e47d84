import type { ByteWriter } from '../../sdk/index.ts';
import { PARQUET_MAGIC, ParquetFooter, TRAILER_BYTES } from './parquet-footer.ts';
import type { ThriftValue } from './thrift-compact.ts';

/**
 * Joins Parquet files of one schema into one, row group after row group, without touching their pages. parquet-wasm
 * writes a file in one call; by this, a file larger than memory is written a row group at a time.
 *
 * Page indexes are left out; the statistics of column chunks stay.
 */
export class RowGroupJoiner {
  #footer: ParquetFooter | undefined;
  readonly #rowGroups: ThriftValue[] = [];
  #rows = 0n;
  /** Bytes of the joined file so far. */
  #position = 0;

  /** Appends the row groups of a file. */
  add(file: Uint8Array, out: ByteWriter): void {
    if (this.#position === 0) {
      out.raw(PARQUET_MAGIC);
      this.#position = PARQUET_MAGIC.length;
    }
    const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
    const footerEnd = file.length - TRAILER_BYTES;
    const footerStart = footerEnd - view.getUint32(footerEnd, true);
    const footer = ParquetFooter.parse(file.subarray(footerStart, footerEnd));
    const shift = BigInt(this.#position - PARQUET_MAGIC.length);
    let dataEnd = footerStart;
    for (const group of footer.rowGroups) {
      for (const chunk of group.chunks) dataEnd = Math.min(dataEnd, chunk.indexStart);
      this.#rowGroups.push(
        group.moved(
          group.chunks.map(() => shift),
          this.#rowGroups.length,
        ),
      );
      this.#rows += group.rows;
    }
    this.#footer ??= footer;
    out.raw(file.subarray(PARQUET_MAGIC.length, dataEnd));
    this.#position += dataEnd - PARQUET_MAGIC.length;
  }

  /** Appends the footer. At least one file must have been added, if only for its schema. */
  finish(out: ByteWriter): void {
    if (this.#footer === undefined) throw new Error('Nothing tells the schema of the Parquet file');
    this.#footer.write(this.#rowGroups, this.#rows, out);
  }
}
