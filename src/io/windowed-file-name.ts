import {
  GLOBAL_WINDOW,
  GlobalWindow,
  IoError,
  MAX_TIMESTAMP,
  type PaneInfo,
  PipelineError,
  type Timestamp,
  timestamp,
  type Window,
  type WindowFn,
} from '../sdk/index.ts';
import { resolveInside } from './filesystem/paths.ts';
import { destinationPath, type FileNaming, shardPath } from './shard-name.ts';

/** What a file of a windowed write is part of. */
export interface WindowedFile<W extends Window = Window> {
  readonly window: W;
  readonly pane: PaneInfo;
  /** Number of the shard, from 0. */
  readonly shard: number;
  readonly shards: number;
  /** Empty where the sink has no destinations. */
  readonly destination: string;
}

/** Names a file by what it is part of: a relative path without suffix. Each file must get another name. */
export type WindowedFileName<W extends Window = Window> = (file: WindowedFile<W>) => string;

/**
 * Full path of a file: prefix, window, pane, shard, suffix, or what the user's function says within the folder that the
 * prefix then is.
 *
 * @throws IoError `PATH_ESCAPES`, `PATH_INVALID`, PipelineError `WINDOW_UNNAMED` for windows that need a function
 */
export function windowedPath<W extends Window>(
  naming: FileNaming,
  fileName: WindowedFileName<W> | undefined,
  file: WindowedFile<W>,
): string {
  if (fileName !== undefined) return resolveInside(naming.prefix, textOf(fileName(file))) + naming.suffix;
  const base = destinationPath(naming, file.destination === '' ? undefined : file.destination);
  const time = windowText(file.window);
  const name = `${base}${time === '' ? '' : `-${time}`}-pane-${file.pane.index}`;
  return shardPath(naming, name, file.shard, file.shards);
}

function textOf(name: unknown): string {
  if (typeof name === 'string') return name;
  throw new IoError('PATH_INVALID', `fileName gave ${name === null ? 'null' : typeof name} and no string`);
}

/** Start and end; nothing for the global window. */
function windowText(window: Window): string {
  if (window instanceof GlobalWindow) return '';
  const { start, end } = window as Partial<Record<'start' | 'end', unknown>>;
  if (typeof start === 'number' && typeof end === 'number') return `${timeText(start)}-${timeText(end)}`;
  throw new PipelineError('WINDOW_UNNAMED', 'Windows without start and end have no names to call files by', {
    hint: 'Name the files yourself with the option fileName.',
  });
}

/** ISO 8601 in its basic form: the other one has colons, which names of files cannot have on every system. */
function timeText(time: number): string {
  // Dates end before Beam's last times do.
  if (Math.abs(time) > 8.64e15) return `${time}ms`;
  return new Date(time)
    .toISOString()
    .replace(/(\d\d)-(\d\d)T(\d\d):(\d\d):/, '$1$2T$3$4')
    .replace(/^([+-]?\d+)-/, '$1');
}

/** A pane that is not the only one of its window. */
const pane = (index: number): PaneInfo => ({
  timing: 'UNKNOWN',
  first: index === 0,
  last: false,
  index,
  nonSpeculativeIndex: index,
});

/**
 * Asks a naming function for files that differ in one thing each, so that names that leave out what is needed are
 * refused before anything is written.
 *
 * @param manyPanes whether a window may fire more than once
 * @param manyDestinations whether the sink has destinations
 * @throws PipelineError `FILE_NAMES_NOT_UNIQUE`
 */
export function checkFileNames<W extends Window>(
  fileName: WindowedFileName<W>,
  windowFn: WindowFn<W>,
  shards: number,
  manyPanes: boolean,
  manyDestinations: boolean,
  transform: string,
): void {
  const windows = someWindows(windowFn);
  if (windows.length === 0) return;
  const file: WindowedFile<W> = { window: windows[0], pane: pane(0), shard: 0, shards, destination: 'destination' };
  const others: [what: string, other: WindowedFile<W>][] = [];
  if (windows.length > 1) others.push(['window', { ...file, window: windows[1] }]);
  if (manyPanes) others.push(['pane', { ...file, pane: pane(1) }]);
  if (shards > 1) others.push(['shard', { ...file, shard: 1 }]);
  if (manyDestinations) others.push(['destination', { ...file, destination: 'other' }]);
  const name = fileName(file);
  const missing = others.filter(([, other]) => fileName(other) === name).map(([what]) => what);
  if (missing.length === 0) return;
  throw new PipelineError('FILE_NAMES_NOT_UNIQUE', `fileName calls files of each ${missing[0]} '${String(name)}'`, {
    transform,
    hint: `Let the name depend on the ${missing.join(' and the ')}${missing.includes('pane') ? ': pane.index' : ''}.`,
  });
}

/** Two windows one after the other, where there are two; none of a function that cannot do without an element. */
function someWindows<W extends Window>(windowFn: WindowFn<W>): W[] {
  const windowAt = (time: Timestamp) => windowFn.assign(time, undefined, GLOBAL_WINDOW)[0];
  try {
    const first = windowAt(timestamp('2024-01-01T00:00:00Z'));
    if (first === undefined || first.maxTimestamp >= MAX_TIMESTAMP - 86_400_000)
      return first === undefined ? [] : [first];
    const second = windowAt((first.maxTimestamp + 1) as Timestamp);
    return second === undefined ? [first] : [first, second];
  } catch {
    return [];
  }
}
