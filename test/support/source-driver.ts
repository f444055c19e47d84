import type { FileSourceOptions } from '../../src/io/file-based-source.ts';
import { fileReader } from '../../src/io/file-based-source.ts';
import type { SourceFormat } from '../../src/io/file-format.ts';
import type { FileRange } from '../../src/io/file-range.ts';
import { fileSystemOf } from '../../src/io/filesystem/registry.ts';
import { listFiles } from '../../src/io/match-files.ts';
import type { OnError } from '../../src/io/on-error.ts';
import { contentOptions, readHead } from '../../src/io/open-source.ts';
import { type Division, type Driven, driveReader } from './drive-reader.ts';

export type { Division };

/** Writes a file with any file system. */
export async function putFile(path: string, bytes: Uint8Array | string): Promise<void> {
  const writer = await fileSystemOf(path).create(path);
  await writer.write(Buffer.from(bytes));
  await writer.close();
}

/** Does to a source what a runner does: match, split, read, split again while reading, check that nothing is left out. */
export async function driveSource<O, P>(
  format: SourceFormat<O, P>,
  glob: string,
  options: FileSourceOptions<OnError> = {},
  division: Division = {},
): Promise<Driven<O, FileRange>> {
  const content = contentOptions(options, 'Test');
  const { prepare } = format;
  const files = await listFiles<P>([glob], {
    ...(prepare === undefined ? {} : { prepare: (all) => prepare(all, (file, n) => readHead(file, content, n)) }),
  });
  const reader = fileReader<O, P>(format, content, options);
  return driveReader(reader, files, options.onError === 'deadLetter', division);
}
