import { parentPort } from 'node:worker_threads';
import { BeamFnState, type StateKey, type StateRequest, type StateResponse } from '../../src/model/fn-execution.ts';
import type { Init } from '../../src/model/pipeline.ts';
import { GrpcServer } from '../../src/runners/rpc/grpc-server.ts';
import { keyName, type ToStateService } from './state-service.ts';

const bags = new Map<string, Buffer>();
const counts = { gets: 0, appends: 0, clears: 0 };
const workers: string[] = [];

const server = new GrpcServer();
server.add(BeamFnState, {
  state(stream) {
    workers.push(String(stream.metadata.get('worker_id')[0]));
    stream.on('data', (request: StateRequest) => {
      const behaviour = behaviourOf(request.stateKey as StateKey);
      if (behaviour === 'break') stream.emit('error', { code: 14, details: 'the runner has fallen over' });
      else if (behaviour !== 'silent') stream.write(answer(request, behaviour));
    });
    stream.on('end', () => stream.end());
  },
});

function partsOf(key: StateKey): (string | Uint8Array)[] {
  if (key.bagUserState !== undefined) {
    const { transformId, userStateId, window, key: userKey } = key.bagUserState;
    return [transformId, userStateId, window, userKey];
  }
  if (key.iterableSideInput !== undefined) {
    const { transformId, sideInputId, window } = key.iterableSideInput;
    return [transformId, sideInputId, window];
  }
  if (key.runner !== undefined) return ['runner', Buffer.from(key.runner.key).toString()];
  throw new Error('A kind of state that no harness of ours asks for');
}

function behaviourOf(key: StateKey): string {
  return /(?:page=\d+|refuse|silent|break)/.exec(String(partsOf(key)[1]))?.[0] ?? '';
}

function answer({ id, stateKey, get, append, clear }: StateRequest, behaviour: string): Init<StateResponse> {
  if (behaviour === 'refuse') return { id, error: 'no such state' };
  const name = keyName(...partsOf(stateKey as StateKey));
  const held = bags.get(name) ?? Buffer.alloc(0);
  if (get !== undefined) {
    counts.gets++;
    const page = /^page=(\d+)$/.exec(behaviour);
    if (page === null) return { id, get: { data: held } };
    const from = Number(Buffer.from(get.continuationToken).toString() || 0);
    const to = Math.min(held.length, from + Number(page[1]));
    const continuationToken = Buffer.from(to < held.length ? String(to) : '');
    return { id, get: { data: held.subarray(from, to), continuationToken } };
  }
  if (append !== undefined) {
    counts.appends++;
    bags.set(name, Buffer.concat([held, append.data]));
    return { id, append: {} };
  }
  if (clear === undefined) return { id, error: 'nothing is asked' };
  counts.clears++;
  bags.delete(name);
  return { id, clear: {} };
}

parentPort?.on('message', (question: ToStateService) => {
  switch (question.ask) {
    case 'put':
      bags.set(question.name, Buffer.from(question.data));
      return parentPort?.postMessage(undefined);
    case 'counts':
      return parentPort?.postMessage({ ...counts });
    case 'contents': {
      const found = [...bags].filter(([name]) => name.startsWith(`${question.transform}|`));
      return parentPort?.postMessage(new Map(found.map(([name, bytes]) => [name, new Uint8Array(bytes)])));
    }
    case 'workers':
      return parentPort?.postMessage(workers);
  }
});
parentPort?.postMessage(await server.listen());
