export { DirectRunner } from './direct-runner.ts';
