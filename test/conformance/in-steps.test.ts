import { describe, test } from 'node:test';
import { allCases } from './all-cases.ts';
import { runCase, streamingRunner } from './run-case.ts';

/** Bounded pipelines beside an idle stream: they run in steps and must give what they give in batch. */
describe('the Beam model on bounded data, run in steps', () => {
  for (const each of allCases) {
    const runs = each.needs.every((feature) => feature !== 'test-stream' && !streamingRunner.lacks.includes(feature));
    if (runs) test(each.name, () => runCase(each, streamingRunner));
  }
});
