/** A file holds one concept: past 350 lines it is asked whether it does, past 600 it is refused. */
import type { Problem } from './problem.ts';
import { isGenerated, sourceFiles } from './source-files.ts';

const WARN_LINES = 350;
const FAIL_LINES = 600;

/** Files that are longer than they should be. */
export function checkFileSizes(): Problem[] {
  return sourceFiles().flatMap(({ path, text }): Problem[] => {
    const lines = text.split('\n').length - 1;
    if (isGenerated(path) || lines <= WARN_LINES) return [];
    const severity = lines > FAIL_LINES ? 'error' : 'warning';
    const limit = severity === 'error' ? FAIL_LINES : WARN_LINES;
    return [{ severity, place: path, message: `${lines} lines, more than ${limit}: does it hold one concept?` }];
  });
}
