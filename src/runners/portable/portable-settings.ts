import { readFileSync } from 'node:fs';
import { jobServerOf } from '../../sdk/options/check-runner.ts';
import { OptionError } from '../../sdk/options/option-error.ts';
import type { RunOptions } from '../../sdk/pipeline/runner.ts';
import type { ChannelSettings, ClientTls } from '../rpc/grpc-channel.ts';

/** How to reach a runner. */
export interface PortableSettings {
  /** `host:port` of its job server. */
  readonly endpoint: string;
  readonly channel: ChannelSettings;
}

/**
 * Reads the run options that the portable runner has.
 *
 * @throws OptionError `OPTION_MISSING` without an endpoint, `OPTION_INVALID` where options do not go together or a file of
 *   certificates cannot be read
 */
export function portableSettings(options: RunOptions): PortableSettings {
  const endpoint = jobServerOf(options);
  const { token } = options;
  const tls = tlsOf(options);
  if (token !== undefined && tls === undefined && !isOnThisMachine(endpoint)) {
    throw new OptionError('OPTION_INVALID', "The option 'token' would go over the network in the clear", {
      hint: "encrypt the connection with the option 'tls'",
    });
  }
  return {
    endpoint,
    channel: { ...(tls === undefined ? {} : { tls }), ...(token === undefined ? {} : { token }) },
  };
}

function tlsOf({ tls, tlsCa, tlsKey, tlsCertificate }: RunOptions): ClientTls | undefined {
  const isGiven = tlsCa !== undefined || tlsKey !== undefined || tlsCertificate !== undefined;
  if (!(tls ?? isGiven)) return undefined;
  return {
    ...(tlsCa === undefined ? {} : { rootCertificates: fileOf('tlsCa', tlsCa) }),
    ...(tlsKey === undefined ? {} : { privateKey: fileOf('tlsKey', tlsKey) }),
    ...(tlsCertificate === undefined ? {} : { certificateChain: fileOf('tlsCertificate', tlsCertificate) }),
  };
}

function fileOf(option: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new OptionError('OPTION_INVALID', `The file of the option '${option}' cannot be read`, {
      resource: path,
      cause,
    });
  }
}

/** Whether what is sent there stays on this machine. */
function isOnThisMachine(endpoint: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|$)|^unix:/.test(endpoint);
}
