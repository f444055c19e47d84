import { type ProcessBundleDescriptor, RemoteGrpcPort } from '../../../model/fn-execution.ts';
import { RunnerTransformUrn } from '../../../model/urns.ts';

const PORTS: ReadonlySet<string | undefined> = new Set([RunnerTransformUrn.DATA_SOURCE, RunnerTransformUrn.DATA_SINK]);

/** The addresses that elements and timers of a stage travel by; none of a descriptor that is malformed. */
export function dataEndpoints({ transforms, timerApiServiceDescriptor }: ProcessBundleDescriptor): ReadonlySet<string> {
  const endpoints = new Set<string>();
  const add = (url = ''): void => {
    if (url !== '') endpoints.add(url);
  };
  add(timerApiServiceDescriptor?.url);
  try {
    for (const { spec } of Object.values(transforms)) {
      if (PORTS.has(spec?.urn)) add(RemoteGrpcPort.decode(spec?.payload ?? new Uint8Array()).apiServiceDescriptor?.url);
    }
  } catch {
    return new Set();
  }
  return endpoints;
}
