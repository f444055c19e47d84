/** `node test/peers/main.ts NAME`: installs a peer where it is not yet, and sees that it starts. Exit code 1: it does not. */
import { peerKinds } from './peer-kinds.ts';

const [, , name = ''] = process.argv;
const kind = peerKinds[name];
const missing = kind === undefined ? `only ${Object.keys(peerKinds).join(' and ')} are known` : kind.whyNot();
if (kind === undefined || missing !== undefined) {
  console.log(`${name} cannot be had here: ${missing}.`);
  process.exit(1);
}
try {
  const peer = await kind.start();
  await peer.stop();
} catch (error) {
  console.log(`${name} cannot be had here: ${(error as Error).message}`);
  process.exit(1);
}
process.exit(0);
