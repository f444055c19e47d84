import { RunnerError } from './errors.ts';

/** The oldest Node that runs TypeScript as it is, without a flag; what package.json asks for. */
export const OLDEST_NODE = '22.18';

/**
 * Says that Node is too old before something that it lacks does so less clearly: package managers only warn.
 *
 * @throws RunnerError `NODE_TOO_OLD`
 */
export function checkNode(version: string = process.versions.node): void {
  const [major, minor] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE.split('.').map(Number);
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new RunnerError('NODE_TOO_OLD', `Millrace needs Node ${OLDEST_NODE} or newer, and this is ${version}`, {
    hint: 'install a newer one, for instance into the project: npm install --save-dev node@24, then npx millrace run or npx node',
  });
}
