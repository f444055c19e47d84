export { PortableRunner } from './portable-runner.ts';
