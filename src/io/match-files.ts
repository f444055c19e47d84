import { isAbsolute } from 'node:path';
import { IoError, type PCollection, type Pipeline, PipelineError, type PTransform } from '../sdk/index.ts';
import { checkOptions, type OptionNames } from './check-options.ts';
import type { FileInfo } from './filesystem/file-system.ts';
import { checkPath } from './filesystem/paths.ts';
import { fileSystemOf } from './filesystem/registry.ts';

/** A file to be read, with what its source found out about all of them. */
export interface MatchedFile<P = undefined> {
  readonly file: FileInfo;
  readonly prepared?: P;
}

/** Options of {@link matchFiles}. */
export interface MatchOptions<P> {
  /** Whether a glob that matches no file is an error (default) or gives nothing. */
  readonly emptyMatch?: 'error' | 'allow';
  /** Looks at all files before any is read. The result is plain data and goes along with each file. */
  readonly prepare?: (files: readonly FileInfo[]) => Promise<P>;
}

/** The files of one or more globs, each once, sorted within a glob (Beam's FileIO.match). */
export function matchFiles<P = undefined>(
  globs: readonly string[],
  options: MatchOptions<P> = {},
): PTransform<Pipeline, PCollection<MatchedFile<P>>> {
  checkOptions(options, { emptyMatch: true, prepare: true } satisfies OptionNames<MatchOptions<P>>, 'Match');
  return {
    name: 'Match',
    expand: (pipeline) =>
      // One element for all globs: what `prepare` finds must hold for all files.
      pipeline.create([globs]).flatMap('List', (patterns) => listFiles(patterns, options)),
  };
}

/**
 * The paths or globs that a source is given.
 *
 * @throws IoError `PATH_INVALID` for what is no path, PipelineError `OPTION_INVALID` when there is none
 */
export function checkGlobs(globs: string | readonly string[], source: string): string[] {
  const patterns = (Array.isArray(globs) ? (globs as readonly string[]) : [globs as string]).map(checkPath);
  if (patterns.length > 0) return patterns;
  throw new PipelineError('OPTION_INVALID', 'There is no path to read', { transform: source });
}

/** Whether a path or glob is looked for from the current folder. */
export function isRelative(glob: string): boolean {
  return !isAbsolute(glob) && !glob.includes(':');
}

function noMatchHint(glob: string): string {
  const from = isRelative(glob) ? `Relative paths start at ${process.cwd()}. ` : '';
  return `${from}Pass emptyMatch: 'allow' if there may be none.`;
}

/** The files of globs, each once. @throws IoError `FILE_NOT_FOUND` when a glob matches none and that is not allowed. */
export async function listFiles<P>(globs: readonly string[], options: MatchOptions<P>): Promise<MatchedFile<P>[]> {
  const files = new Map<string, FileInfo>();
  for (const glob of globs) {
    const matched = await fileSystemOf(glob).match(glob);
    if (matched.length === 0 && options.emptyMatch !== 'allow') {
      const folder = (await fileSystemOf(glob).list(glob)).length > 0;
      throw new IoError('FILE_NOT_FOUND', folder ? 'It is a folder' : 'No file matches', {
        final: true,
        resource: glob,
        hint: folder ? `Write ${glob}/* for the files in it.` : noMatchHint(glob),
      });
    }
    for (const file of matched) files.set(file.path, file);
  }
  const list = [...files.values()];
  if (options.prepare === undefined) return list.map((file) => ({ file }));
  const prepared = await options.prepare(list);
  return list.map((file) => ({ file, prepared }));
}
