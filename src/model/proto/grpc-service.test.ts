import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import {
  Client,
  credentials,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { publishedModelFacts } from '../../../test/support/model-facts.ts';
import * as fnExecution from '../fn-execution.ts';
import {
  BeamFnControl,
  type GetProcessBundleDescriptorRequest,
  type InstructionRequest,
  type InstructionResponse,
  type ProcessBundleDescriptor,
} from '../fn-execution.ts';
import * as jobManagement from '../job-management.ts';
import type { Init } from './message-type.ts';

test('the paths and streams are those of the published services', () => {
  const services: Readonly<Record<string, unknown>> = { ...fnExecution, ...jobManagement };
  for (const [declaration, lines] of publishedModelFacts()) {
    const [, packageName, name] = /^(.*): service (.*)$/.exec(declaration) ?? [];
    if (name === undefined) continue;
    const methods = Object.values(services[name] as typeof BeamFnControl).map((method) => {
      const side = (isStream: boolean): string => (isStream ? 'stream:' : '');
      return `${method.path} ${side(method.requestStream)} ${side(method.responseStream)}`;
    });
    const published = lines.map((line) => {
      const [method, request, response] = line.split(' ');
      const side = (type: string): string => (type.startsWith('stream:') ? 'stream:' : '');
      return `/${packageName}.${name}/${method} ${side(request)} ${side(response)}`;
    });
    assert.deepEqual(methods, published, declaration);
  }
});

test('a service definition is what grpc-js takes, for servers and clients', async () => {
  const server = new Server();
  server.addService(BeamFnControl, {
    control(call: ServerDuplexStream<InstructionResponse, Init<InstructionRequest>>) {
      call.on('data', ({ instructionId, error }: InstructionResponse) => {
        call.write({ instructionId: `${instructionId}, ${error}`, processBundle: { hasNoState: true } });
      });
      call.on('end', () => call.end());
    },
    getProcessBundleDescriptor(
      { request }: ServerUnaryCall<GetProcessBundleDescriptorRequest, Init<ProcessBundleDescriptor>>,
      answer: sendUnaryData<Init<ProcessBundleDescriptor>>,
    ) {
      answer(null, { id: request.processBundleDescriptorId, coders: { c: { spec: { urn: 'u' } } } });
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  try {
    const { getProcessBundleDescriptor: get, control } = BeamFnControl;
    const descriptor = await new Promise<ProcessBundleDescriptor | undefined>((resolve, reject) => {
      const request = { processBundleDescriptorId: 'd' };
      client.makeUnaryRequest(get.path, get.requestSerialize, get.responseDeserialize, request, (error, value) =>
        error === null ? resolve(value) : reject(error),
      );
    });
    assert.equal(descriptor?.id, 'd');
    assert.equal(descriptor?.coders.c.spec?.urn, 'u');

    const call = client.makeBidiStreamRequest(control.path, control.requestSerialize, control.responseDeserialize);
    call.write({ instructionId: '1', error: 'none' });
    const [request] = (await once(call, 'data')) as [InstructionRequest];
    assert.equal(request.instructionId, '1, none');
    assert.equal(request.processBundle?.hasNoState, true);
    call.end();
    await once(call, 'end');
  } finally {
    client.close();
    server.forceShutdown();
  }
});
