import type { ChannelOptions } from '@grpc/grpc-js';

/** Bytes of one message, sent or received: what Beam's other SDKs and runners allow, the most that Java can hold. */
const MAX_MESSAGE_BYTES = 2 ** 31 - 1;

/** How long a ping may stay without an answer before the connection counts as lost. */
const PING_TIMEOUT_MILLIS = 20_000;

/** Servers in Java and Go close the connection of a client that pings more often than each 5 minutes. */
const CLIENT_PING_MILLIS = 310_000;
const SERVER_PING_MILLIS = 60_000;

/** Bytes of one call under way that nobody has read yet; HTTP/2's own 64 KiB make a data stream wait for each answer. */
const WINDOW_BYTES = 4 * 1024 * 1024;

const BOTH: ChannelOptions = {
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
  'grpc.keepalive_timeout_ms': PING_TIMEOUT_MILLIS,
  'grpc-node.flow_control_window': WINDOW_BYTES,
};

export const CLIENT_LIMITS: ChannelOptions = { ...BOTH, 'grpc.keepalive_time_ms': CLIENT_PING_MILLIS };
export const SERVER_LIMITS: ChannelOptions = { ...BOTH, 'grpc.keepalive_time_ms': SERVER_PING_MILLIS };
