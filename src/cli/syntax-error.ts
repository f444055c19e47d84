import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { PipelineError } from '../sdk/errors.ts';

/**
 * What a file's import threw, with the place of the error where it is one of syntax: Node keeps that to itself.
 *
 * @param path of the file; the error may be in one that it imports
 */
export function locateSyntaxError(error: unknown, path: string): unknown {
  if (!(error instanceof SyntaxError) || isThrownByProgram(error)) return error;
  const code = (error as { code?: unknown }).code;
  const location = placeIn(error.stack ?? '') ?? placeIn(check(path));
  return new PipelineError('PROGRAM_SYNTAX', `SyntaxError: ${error.message}`, {
    ...(location === undefined ? { resource: path } : { location }),
    ...(code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX' ? { hint: STRIPPED } : {}),
    cause: error,
  });
}

const STRIPPED =
  'Node only strips types: no enums, namespaces or parameter properties (erasableSyntaxOnly in tsconfig.json finds them)';

/** JSON.parse throws SyntaxErrors too, but is called from somewhere. */
function isThrownByProgram(error: SyntaxError): boolean {
  const own = fileURLToPath(new URL('.', import.meta.url));
  const frames = (error.stack ?? '').split('\n').filter((line) => /^ +at /.test(line));
  return frames.some((line) => !line.includes('node:') && !line.includes(own));
}

/** The place that stands above the excerpt of the source, as `file:line`. */
function placeIn(text: string): string | undefined {
  const match = /^(file:\/\/\S+|\/.+|[A-Za-z]:\\.+):(\d+)$/m.exec(text.slice(0, text.search(/^\S*Error\b/m)));
  if (match === null) return undefined;
  return `${match[1].startsWith('file:') ? fileURLToPath(match[1]) : match[1]}:${match[2]}`;
}

/** What Node says about the file's syntax. */
function check(path: string): string {
  return spawnSync(process.execPath, ['--check', path], { encoding: 'utf8', timeout: 10_000 }).stderr ?? '';
}
