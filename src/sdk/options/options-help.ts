import { flagOf } from './option-names.ts';
import type { NormalSpecs } from './option-specs.ts';

/** Options as lines of help: flag, placeholder and what they mean, in two columns. */
export function optionsHelp(specs: NormalSpecs): string[] {
  const rows = [...specs].map(([name, spec]): [flag: string, text: string] => {
    const flag = spec.placeholder === undefined ? `--${flagOf(name)}` : `--${flagOf(name)} ${spec.placeholder}`;
    const value = Array.isArray(spec.default) ? spec.default.join(',') : String(spec.default ?? '');
    const given = spec.default === false || value === '' ? '' : `default ${value}`;
    const notes = [spec.help ?? '', spec.required ? 'required' : given].filter((note) => note !== '');
    return [flag, notes.join('; ')];
  });
  const width = Math.min(32, Math.max(0, ...rows.map(([flag]) => flag.length)));
  return rows.flatMap(([flag, text]) =>
    flag.length > width
      ? [`  ${flag}`, `  ${' '.repeat(width)}  ${text}`]
      : [`  ${flag.padEnd(width)}  ${text}`.trimEnd()],
  );
}
