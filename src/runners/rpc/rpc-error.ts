import { type ServiceError, status } from '@grpc/grpc-js';
import { RunnerError } from '../../sdk/errors.ts';

const HINTS: Readonly<Record<string, string>> = {
  UNIMPLEMENTED: 'the server is older than this call, or is not the service that was meant',
  UNAUTHENTICATED: 'give a token (run option token) that the server accepts',
  PERMISSION_DENIED: 'the token that was given does not allow this',
  RESOURCE_EXHAUSTED: 'the message is larger than the server takes, or the server has no room for more',
  DEADLINE_EXCEEDED: 'the server did not answer in time: look whether it is overloaded or hangs',
};

/**
 * What a failed call means to people: a `RunnerError` with the code `RPC_` and the name of the gRPC status, e.g.
 * `RPC_UNAVAILABLE` where nobody listens. The server's own message is the error's.
 *
 * @param cause what grpc-js gave
 * @param endpoint `host:port` that was called
 * @param method e.g. `/package.Service/Method`
 */
export function rpcError(cause: unknown, endpoint: string, method: string): RunnerError {
  if (cause instanceof RunnerError) return cause;
  const { code, details, message } = cause as Partial<ServiceError>;
  const name = (code === undefined ? undefined : status[code]) ?? 'UNKNOWN';
  const words = details === undefined || details === '' ? (message ?? String(cause)) : details;
  // What grpc-js adds of name resolution is empty where names were no trouble.
  const said = words.replace(/[\s.]*Resolution note:\s*$/, '');
  const hint = name === 'UNAVAILABLE' ? unavailableHint(said, endpoint) : HINTS[name];
  return new RunnerError(`RPC_${name}`, `${method.slice(method.lastIndexOf('/') + 1)} has failed: ${said}`, {
    resource: `${endpoint}${method}`,
    ...(hint === undefined ? {} : { hint }),
    cause,
  });
}

function unavailableHint(said: string, endpoint: string): string {
  if (/ECONNREFUSED/.test(said)) return `nobody listens at ${endpoint}: start the server, or correct the endpoint`;
  if (/ENOTFOUND|EAI_AGAIN|Name resolution/i.test(said))
    return `the host of ${endpoint} is not known: correct the endpoint`;
  if (/wrong version number|packet length too long/i.test(said))
    return `${endpoint} does not speak TLS: leave out the run options tls and tlsCa, or correct the endpoint`;
  if (/self.signed|unable to (get|verify)/i.test(said))
    return `no known authority stands for the certificate of ${endpoint}: name the file with its authority (run option tlsCa)`;
  if (/altnames/i.test(said))
    return `the server's certificate is for other names than that of ${endpoint}: use one of those`;
  if (/certificate|SSL|TLS/i.test(said))
    return 'the connection needs other certificates (run options tlsCa, tlsKey, tlsCertificate)';
  if (/^No connection established/.test(said))
    return `${endpoint} cannot be reached, or it expects --tls: look whether the server is alive, and how it is configured`;
  return `${endpoint} cannot be reached, or the connection was lost: look whether the server is alive`;
}
