import { listFiles } from '../../src/io/match-files.ts';
import type { OnError } from '../../src/io/on-error.ts';
import { type PartedFormat, type PartRange, partReader } from '../../src/io/parted-source.ts';
import { type Division, type Driven, driveReader } from './drive-reader.ts';

/** Does to a parted source what a runner does: match, split, read, split again while reading. */
export async function driveParts<O>(
  format: PartedFormat<O>,
  glob: string,
  onError: OnError = 'fail',
  division: Division = {},
): Promise<Driven<O, PartRange>> {
  const files = await listFiles<undefined>([glob], {});
  return driveReader(partReader(format, onError), files, onError === 'deadLetter', division);
}
