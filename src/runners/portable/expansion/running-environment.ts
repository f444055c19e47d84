import { AnyOfEnvironmentPayload, type Environment } from '../../../model/pipeline.ts';
import { EnvironmentUrn } from '../../../model/urns.ts';

/**
 * Of environments to choose from, the one whose workers run already: in a pipeline whose own functions run in the submitting
 * process, what a service offers beside Docker is there as well. Prism chooses so itself; Flink takes the first.
 */
export function runningEnvironment(environment: Environment): Environment {
  if (environment.urn !== EnvironmentUrn.ANYOF) return environment;
  const { environments } = AnyOfEnvironmentPayload.decode(environment.payload);
  return environments.find(({ urn }) => urn === EnvironmentUrn.EXTERNAL) ?? environment;
}
