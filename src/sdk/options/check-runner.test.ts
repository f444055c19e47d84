import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RunOptions } from '../pipeline/runner.ts';
import { checkRunner, unusedByPortable } from './check-runner.ts';
import { checkEndpoint } from './endpoint.ts';
import { OptionError } from './option-error.ts';

const refused = (code: string, text: RegExp) => (error: unknown) => {
  assert.ok(error instanceof OptionError);
  assert.equal(error.code, code);
  assert.match(error.message, text);
  return true;
};
const portable: RunOptions = { runner: 'portable', endpoint: 'localhost:8073' };

describe('options and their runner', () => {
  it('what a portable runner needs is refused without one', () => {
    const given: readonly RunOptions[] = [
      { endpoint: 'localhost:8073' },
      { environment: 'external' },
      { environmentConfig: 'localhost:50000' },
      { tls: true },
      { tlsCa: 'ca.pem' },
      { tlsKey: 'key.pem' },
      { tlsCertificate: 'certificate.pem' },
      { token: 'secret' },
      { runnerOptions: { parallelism: 4 } },
    ];
    for (const options of given) {
      const isFor = new RegExp(`'${Object.keys(options)[0]}' is for --runner portable`);
      assert.throws(() => checkRunner(options), refused('OPTION_INVALID', isFor));
      assert.throws(() => checkRunner({ runner: 'direct', ...options }), refused('OPTION_INVALID', isFor));
    }
    checkRunner({ threads: 0, checkpointDir: '/data' });
  });

  it('a token of the environment is for the runs that need it', () => {
    process.env.MILLRACE_TOKEN = 'secret';
    try {
      checkRunner({ token: 'secret' });
      assert.throws(() => checkRunner({ token: 'other' }), refused('OPTION_INVALID', /'token' is for/));
    } finally {
      delete process.env.MILLRACE_TOKEN;
    }
  });

  it('what a portable runner needs must be there, and fit', () => {
    const wrong: (readonly [RunOptions, string, RegExp])[] = [
      [{ runner: 'portable' }, 'OPTION_MISSING', /needs the option 'endpoint'/],
      [{ ...portable, endpoint: ':8273' }, 'OPTION_INVALID', /'endpoint' must be host:port, not ':8273'/],
      [{ ...portable, checkpointDir: '/data' }, 'OPTION_INVALID', /checkpoints of its own[\s\S]*'runnerOptions'/],
      [{ ...portable, environment: 'docker' }, 'OPTION_MISSING', /'environmentConfig'[\s\S]*name of an image/],
      [{ ...portable, environment: 'external' }, 'OPTION_MISSING', /'environmentConfig'[\s\S]*worker pool/],
      [{ ...portable, environment: 'external', environmentConfig: 'pool' }, 'OPTION_INVALID', /not 'pool'/],
      [{ ...portable, tlsKey: 'key.pem' }, 'OPTION_MISSING', /'tlsKey' needs the option 'tlsCertificate'/],
      [{ ...portable, tlsCertificate: 'c.pem' }, 'OPTION_MISSING', /'tlsCertificate' needs the option 'tlsKey'/],
    ];
    const runnerOptions = { a: { b: [1, null] }, 'x y': undefined, n: 1n } as never;
    wrong.push([{ ...portable, runnerOptions }, 'OPTION_INVALID', /'x y' of runnerOptions is or holds undefined/]);
    const deep = { a: { b: [1, { c: 1n }] } } as never;
    wrong.push([{ ...portable, runnerOptions: deep }, 'OPTION_INVALID', /'a' of runnerOptions is or holds a bigint/]);
    for (const [options, code, text] of wrong) assert.throws(() => checkRunner(options), refused(code, text));
    checkRunner({ ...portable, runnerOptions: { a: { b: [1, null] }, 'x y': 'z' } });
    checkRunner({ ...portable, tlsKey: 'key.pem', tlsCertificate: 'c.pem', environment: 'process' });
  });

  it('those without meaning on a portable runner are known', () => {
    const options: RunOptions = { ...portable, threads: 2, memory: '1GiB', attachable: true, environmentConfig: 'x' };
    assert.deepEqual(unusedByPortable(options), ['threads', 'memory', 'attachable', 'environmentConfig']);
    assert.deepEqual(unusedByPortable({ ...portable, strict: true, tempDir: '/tmp', redactErrors: true }), []);
    assert.deepEqual(unusedByPortable({ ...portable, environment: 'docker', environmentConfig: 'image' }), []);
  });
});

describe('addresses', () => {
  it('are a host and a port, or a socket', () => {
    for (const address of ['localhost:8073', '127.0.0.1:1', '[::1]:65535', 'a-b.example:80', 'unix:/run/x.sock']) {
      assert.equal(checkEndpoint('It', address), address);
    }
    assert.equal(checkEndpoint('It', '0.0.0.0:0', 0), '0.0.0.0:0');
  });

  it('are nothing else', () => {
    const wrong = [
      '',
      ':8273',
      'localhost',
      'localhost:',
      'http://localhost:8073',
      'localhost:8073/',
      '::1:80',
      'a b:1',
    ];
    for (const address of [...wrong, 'localhost:0', 'localhost:65536', 'localhost:99999999', 'unix:', '8073']) {
      assert.throws(
        () => checkEndpoint('It', address),
        refused('OPTION_INVALID', /It must be host:port[\s\S]*e\.g\. local/),
      );
    }
  });
});
