import assert from 'node:assert/strict';
import { test } from 'node:test';
import { publishedModelFacts } from '../../test/support/model-facts.ts';
import * as constants from './constants.ts';
import * as urns from './urns.ts';

/** Which published enums each group of URNs holds. */
const ENUMS: Readonly<Record<keyof typeof urns, readonly string[]>> = {
  TransformUrn: [
    'StandardPTransforms.Primitives',
    'StandardPTransforms.DeprecatedPrimitives',
    'StandardPTransforms.Composites',
    'StandardPTransforms.CombineComponents',
    'StandardPTransforms.SplittableParDoComponents',
    'StandardPTransforms.GroupIntoBatchesComponents',
  ],
  RunnerTransformUrn: ['FnApiTransforms.Runner'],
  CoderUrn: ['StandardCoders.Enum'],
  LogicalTypeUrn: ['LogicalTypes.Enum'],
  WindowFnUrn: [
    'GlobalWindowsPayload.Enum',
    'FixedWindowsPayload.Enum',
    'SlidingWindowsPayload.Enum',
    'SessionWindowsPayload.Enum',
  ],
  SideInputUrn: ['StandardSideInputTypes.Enum'],
  UserStateUrn: ['StandardUserStateTypes.Enum'],
  EnvironmentUrn: ['StandardEnvironments.Environments'],
  ArtifactTypeUrn: ['StandardArtifacts.Types'],
  ArtifactRoleUrn: ['StandardArtifacts.Roles'],
  ProtocolUrn: ['StandardProtocols.Enum'],
  RunnerProtocolUrn: ['StandardRunnerProtocols.Enum'],
  RequirementUrn: ['StandardRequirements.Enum'],
  ResourceHintUrn: ['StandardResourceHints.Enum'],
  DisplayDataUrn: ['StandardDisplayData.DisplayData'],
  ExpansionUrn: ['ExpansionMethods.Enum'],
  ManagedTransformUrn: ['ManagedTransforms.Urns'],
  MetricUrn: ['MonitoringInfoSpecs.Enum'],
  MetricTypeUrn: ['MonitoringInfoTypeUrns.Enum'],
  MetricLabel: ['MonitoringInfo.MonitoringInfoLabels'],
};

/** Values of the option `key` by enum and name, in the published protos. */
function publishedOptions(key: string): Map<string, Map<string, string>> {
  const found = new Map<string, Map<string, string>>();
  for (const [declaration, lines] of publishedModelFacts()) {
    const [, enumName] = / enum (.*)$/.exec(declaration) ?? [];
    for (const line of lines) {
      const [, name, ...options] = line.split(' ');
      const option = options.find((word) => word.startsWith(`${key}=`));
      if (enumName === undefined || option === undefined) continue;
      const values = found.get(enumName) ?? new Map();
      found.set(enumName, values.set(name, option.slice(key.length + 1)));
    }
  }
  return found;
}

test('the URNs are those that the published protos declare, and all of them', () => {
  const published = new Map([...publishedOptions('urn'), ...publishedOptions('label')]);
  assert.deepEqual(Object.values(ENUMS).flat().sort(), [...published.keys()].sort());
  for (const [group, values] of Object.entries(urns)) {
    const expected = ENUMS[group as keyof typeof urns].flatMap((name) =>
      [...(published.get(name) ?? [])].map(([value, urn]) => {
        // A window function's URN is declared beside its payload: FixedWindowsPayload has FIXED_WINDOWS.
        const windowFn = name.replace(/Payload\.Enum$/, '').replace(/(?<=[a-z])(?=[A-Z])/g, '_');
        return [value === 'PROPERTIES' ? windowFn.toUpperCase() : value, urn];
      }),
    );
    assert.deepEqual(values, Object.fromEntries(expected), group);
  }
});

test('the constants are those that the published protos declare', () => {
  const published = publishedOptions('constant');
  const { AnnotationKey, ...others } = constants;
  assert.deepEqual(new Map(Object.entries(AnnotationKey)), published.get('Annotations.Enum'));
  const expected = new Map([...published.values()].flatMap((values) => [...values]));
  for (const key of Object.keys(AnnotationKey)) expected.delete(key);
  assert.deepEqual(new Map(Object.entries(others).map(([name, value]) => [name, String(value)])), expected);
});
