import { OptionError } from './option-error.ts';

const HOST_AND_PORT = /^(?:\[[\da-f:.]+\]|[^\s:/@?#[\]]+):(\d{1,5})$/i;
const SOCKET = /^unix:[^\s]+$/;

/**
 * Checks an address before anything is sent there: `host:port`, `[::1]:port` of IPv6, or `unix:path`.
 *
 * @param what it is, for the message: `The option 'endpoint'`
 * @param lowest port that it may have: 0 where one is served and a free one is taken
 * @returns the address
 * @throws OptionError `OPTION_INVALID`
 */
export function checkEndpoint(what: string, address: string, lowest: 0 | 1 = 1): string {
  const port = Number(HOST_AND_PORT.exec(address)?.[1]);
  if (SOCKET.test(address) || (port >= lowest && port <= 65_535)) return address;
  throw new OptionError('OPTION_INVALID', `${what} must be host:port, not '${address.slice(0, 200)}'`, {
    hint: `e.g. localhost:8073, [::1]:8073 or unix:/run/server.sock; ports are ${lowest} to 65535`,
  });
}
