import { crc32 } from 'node:zlib';
import { ByteReader, CoderError } from '../../sdk/index.ts';
import { readStruct, type ThriftStruct } from './thrift-compact.ts';

// Numbers of the fields in parquet.thrift.
const PAGE = { size: 2, compressedSize: 3, crc: 4, data: 5, dataV2: 8 };
const DATA = { values: 1 };

/**
 * Walks through the pages of a column chunk before they are decoded: what a page claims to expand to is bounded, and
 * checksums are verified where the writer has left them (Spark and parquet-java do; the decoder does not look).
 *
 * @param values how many the chunk is said to hold; what stands behind that many is not looked at
 * @throws CoderError
 */
export function checkPages(chunk: Uint8Array, values: number, maxPageBytes: number): void {
  const input = new ByteReader(chunk);
  for (let page = 0, seen = 0; seen < values; page++) {
    if (input.remaining === 0) throw malformed(`The pages hold ${seen} of ${values} values`);
    const header = readStruct(input);
    const expanded = integerOf(header, PAGE.size);
    const stored = integerOf(header, PAGE.compressedSize);
    if (!(expanded >= 0 && stored >= 0)) throw malformed(`Page ${page} has a header without its sizes`);
    if (expanded > maxPageBytes) {
      throw new CoderError('PARQUET_PAGE', `Page ${page} claims ${expanded} bytes; the limit is ${maxPageBytes}`);
    }
    const content = input.view(stored);
    const checksum = integerOf(header, PAGE.crc);
    if (!Number.isNaN(checksum) && crc32(content) !== checksum >>> 0) {
      throw malformed(`The checksum of page ${page} is wrong`);
    }
    seen += valuesOf(header, PAGE.data) + valuesOf(header, PAGE.dataV2);
  }
}

function valuesOf(header: ThriftStruct, kind: number): number {
  const data = header.get(kind);
  if (data === undefined || !('fields' in data)) return 0;
  const count = integerOf(data.fields, DATA.values);
  if (!(count >= 0)) throw malformed('A page does not tell how many values it holds');
  return count;
}

/** NaN where there is none. */
function integerOf(fields: ThriftStruct, id: number): number {
  const value = fields.get(id);
  return value !== undefined && 'integer' in value ? Number(value.integer) : Number.NaN;
}

function malformed(problem: string): CoderError {
  return new CoderError('PARQUET_PAGE', problem);
}
