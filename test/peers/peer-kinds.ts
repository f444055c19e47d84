import { flink } from './flink.ts';
import type { PeerKind } from './peer.ts';
import { prism } from './prism.ts';

/** Beam runners of others, by the name given to `--runner`. */
export const peerKinds: Readonly<Record<string, PeerKind>> = { prism, flink };
