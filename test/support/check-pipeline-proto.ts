import assert from 'node:assert/strict';
import type { Pipeline } from '../../src/model/pipeline.ts';

/** Checks that a pipeline refers to nothing that it lacks, has unique names, and that each collection has one producer. */
export function checkPipelineProto({ components, rootTransformIds }: Pipeline): void {
  assert.ok(components !== undefined);
  const { transforms, pcollections, coders, windowingStrategies, environments } = components;
  const has = (kind: string, all: object, id: string) => assert.ok(id in all, `there is no ${kind} ${id}`);
  const producers = new Map<string, string>();
  const reached = new Set<string>();
  const visit = (id: string): void => {
    has('transform', transforms, id);
    assert.ok(!reached.has(id), `${id} has two parents`);
    reached.add(id);
    const { subtransforms, inputs, outputs, environmentId } = transforms[id];
    for (const collection of [...Object.values(inputs), ...Object.values(outputs)]) {
      has('collection', pcollections, collection);
    }
    if (environmentId !== '') has('environment', environments, environmentId);
    subtransforms.forEach(visit);
    if (subtransforms.length > 0) return;
    const passedOn = new Set(Object.values(inputs));
    for (const collection of Object.values(outputs)) {
      if (passedOn.has(collection)) continue;
      assert.equal(producers.get(collection), undefined, `${collection} is made twice`);
      producers.set(collection, id);
    }
  };
  rootTransformIds.forEach(visit);
  assert.deepEqual(new Set(Object.keys(transforms)), reached);
  for (const { inputs } of Object.values(transforms)) {
    for (const id of Object.values(inputs)) assert.ok(producers.has(id), `nobody makes ${id}`);
  }
  const names = Object.values(transforms).map(({ uniqueName }) => uniqueName);
  assert.equal(new Set(names).size, names.length);
  for (const { coderId, windowingStrategyId } of Object.values(pcollections)) {
    has('coder', coders, coderId);
    has('windowing', windowingStrategies, windowingStrategyId);
  }
  for (const { componentCoderIds } of Object.values(coders)) {
    for (const id of componentCoderIds) has('coder', coders, id);
  }
  for (const { windowCoderId } of Object.values(windowingStrategies)) has('coder', coders, windowCoderId);
}
