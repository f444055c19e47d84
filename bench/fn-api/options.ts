import { parseArgs } from 'node:util';
import { someOf, wholeNumber } from '../option-values.ts';
import { SHAPE_NAMES, type ShapeName } from './shapes.ts';

export const USAGE = `usage: npm run bench -- fn-api [options]

  --shapes LIST    ${SHAPE_NAMES.join(', ')}; default all
  --bundles N      bundles of a run that count; default 5
  --runs N         processes of each shape, interleaved; default 3
  --profile DIR    instead, one run of each shape under V8's profiler
  --json FILE      writes all figures
  --markdown FILE  writes the tables, over those that the file has
`;

/** What to measure, checked. */
export interface FnApiOptions {
  readonly shapes: readonly ShapeName[];
  readonly bundles: number;
  readonly runs: number;
  readonly profile: string | undefined;
  readonly json: string | undefined;
  readonly markdown: string | undefined;
}

/** @throws Error with a message for the user; undefined where only help is wanted */
export function parseFnApiOptions(argv: readonly string[]): FnApiOptions | undefined {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      shapes: { type: 'string' },
      bundles: { type: 'string', default: '5' },
      runs: { type: 'string', default: '3' },
      profile: { type: 'string' },
      json: { type: 'string' },
      markdown: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  return {
    shapes: values.shapes === undefined ? SHAPE_NAMES : someOf('shapes', values.shapes, SHAPE_NAMES),
    bundles: wholeNumber('bundles', values.bundles, 1000),
    runs: wholeNumber('runs', values.runs, 1000),
    profile: values.profile,
    json: values.json,
    markdown: values.markdown,
  };
}
