/**
 * The reporter of `npm test`: one line per test file, what was skipped and what failed and why, Node's closing counts,
 * and a last plain line `N passed, N failed`. What a test file prints is shown only when something in it failed; `npm test --
 * --test-reporter=spec` shows everything.
 */
import { relative } from 'node:path';
import type { TestEvent } from 'node:test/reporters';
import { inspect, styleText } from 'node:util';

interface Failure {
  readonly name: string;
  readonly place: string;
  readonly error: unknown;
}

interface FileReport {
  output: string;
  failures: Failure[];
  /** What was left out, with the reason where one was given. */
  skipped: string[];
}

export default async function* report(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const files = new Map<string, FileReport>();
  const failed: Failure[] = [];
  let closing = '';

  const reportOf = (file = ''): FileReport => {
    const entry = files.get(file) ?? { output: '', failures: [], skipped: [] };
    files.set(file, entry);
    return entry;
  };

  for await (const { type, data } of source) {
    switch (type) {
      case 'test:stdout':
      case 'test:stderr':
        reportOf(data.file).output += data.message;
        break;
      case 'test:pass':
        if (typeof data.skip === 'string') reportOf(data.file).skipped.push(`${data.name}: ${data.skip}`);
        break;
      case 'test:fail': {
        const failure = failureOf(data);
        if (failure !== undefined) {
          reportOf(data.file).failures.push(failure);
          failed.push(failure);
        }
        break;
      }
      case 'test:diagnostic':
        if (data.nesting === 0 && data.file === undefined) closing += `ℹ ${data.message}\n`;
        break;
      case 'test:summary':
        if (data.file === undefined) {
          for (const [file, entry] of files) if (entry.failures.length > 0) yield failureText(file, entry);
          yield `\n${closing}${closingLine(data.counts, failed.length)}\n`;
        } else {
          yield fileLine(data.file, data.success, data.counts.tests, data.duration_ms);
          for (const left of files.get(data.file)?.skipped ?? []) yield `  ${styleText('yellow', `skipped ${left}`)}\n`;
          if (data.success) files.delete(data.file);
        }
        break;
    }
  }
}

function fileLine(file: string, success: boolean, tests: number, milliseconds: number): string {
  const mark = success ? styleText('green', '✓') : styleText('red', '✗');
  const size = styleText('gray', `${tests} ${tests === 1 ? 'test' : 'tests'}, ${Math.round(milliseconds)} ms`);
  return `${mark} ${relative(process.cwd(), file)}  ${size}\n`;
}

/** A failed test. Left out is what failed only because another did: a suite by its tests, a test by its suite. */
function failureOf(data: Extract<TestEvent, { type: 'test:fail' }>['data']): Failure | undefined {
  const error = data.details.error as Error & { failureType?: string };
  if (data.todo !== undefined && data.todo !== false) return undefined;
  if (error.failureType === 'subtestsFailed' || error.failureType === 'cancelledByParent') return undefined;
  const place = data.file === undefined ? '' : `${relative(process.cwd(), data.file)}:${data.line ?? 1}`;
  return { name: data.name, place, error: error.cause ?? error };
}

function failureText(file: string, { output, failures }: FileReport): string {
  const title = styleText(['red', 'bold'], `\n${relative(process.cwd(), file) || 'Test run'}`);
  const details = failures.map(({ name, place, error }) => {
    return `\n${styleText('red', `✗ ${name}`)} ${styleText('gray', place)}\n${indent(errorText(error))}\n`;
  });
  const printed = output === '' ? '' : `\n${styleText('gray', 'printed by this file:')}\n${indent(output.trimEnd())}\n`;
  return `${title}\n${details.join('')}${printed}`;
}

/** The error with its causes. The stack of an assertion error already holds the difference that its fields repeat. */
function errorText(error: unknown): string {
  if (typeof error === 'string') return error;
  const isAssertion = error instanceof Error && 'code' in error && error.code === 'ERR_ASSERTION';
  const text = isAssertion && error.stack !== undefined ? error.stack : inspect(error, { depth: 3 });
  return text.replace(/\n +at [^\n]*\bnode:[^\n]*/g, '');
}

/** Tests that were cancelled (a time limit, an interrupt) did not pass, so they count as failed here. */
function closingLine(
  counts: { passed: number; cancelled: number; skipped: number; tests: number; todo: number },
  failures: number,
): string {
  const notPassed = Math.max(failures, counts.tests - counts.passed - counts.skipped - counts.todo);
  const skipped = counts.skipped + counts.todo;
  return `${counts.passed} passed, ${notPassed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
