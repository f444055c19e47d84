import { BeamFnLogging, type LogEntry, LogEntrySeverity } from '../../../model/fn-execution.ts';
import type { Init } from '../../../model/proto/message-type.ts';
import { timeToProto } from '../../../model/protobuf-time.ts';
import type { GrpcChannel } from '../../rpc/grpc-channel.ts';

/** Entries that wait for a runner that takes none; further ones are counted and dropped. */
const MAX_WAITING = 10_000;
/** Their characters. */
const MAX_WAITING_TEXT = 16 * 1024 * 1024;
/** Longest message, in characters. */
const MAX_MESSAGE = 100_000;

/** What belongs to an entry, where it is known. */
export interface LogPlace {
  readonly instructionId?: string;
  readonly transformId?: string;
}

/**
 * Tells the runner what people should see. Nobody waits for it, and a runner that does not listen makes nothing fail: what
 * cannot be told is dropped.
 */
export class LogStream {
  readonly #channel: GrpcChannel;
  readonly #now: () => number;
  readonly #write: (entries: Init<LogEntry>[]) => boolean;
  readonly #end: () => void;
  #waiting: Init<LogEntry>[] = [];
  #waitingText = 0;
  #dropped = 0;
  #isBroken = false;
  #isFull = false;

  constructor(channel: GrpcChannel, now: () => number) {
    this.#channel = channel;
    this.#now = now;
    const call = channel.duplex(BeamFnLogging.logging);
    const broken = (): void => {
      this.#isBroken = true;
      this.#waiting = [];
      this.#waitingText = 0;
    };
    call.on('data', () => {});
    call.on('error', broken);
    call.on('end', broken);
    call.on('drain', () => {
      this.#isFull = false;
      this.#flush();
    });
    this.#write = (logEntries) => call.write({ logEntries });
    this.#end = () => call.end();
  }

  error(message: string, place: LogPlace = {}): void {
    this.tell(LogEntrySeverity.ERROR, message, place);
  }

  tell(severity: LogEntrySeverity, message: string, place: LogPlace = {}): void {
    if (this.#isBroken) return;
    if (this.#waiting.length >= MAX_WAITING || this.#waitingText >= MAX_WAITING_TEXT) {
      this.#dropped++;
      return;
    }
    const timestamp = timeToProto(this.#now());
    const text = message.slice(0, MAX_MESSAGE);
    this.#waiting.push({ severity, message: text, timestamp, ...place });
    this.#waitingText += text.length;
    this.#flush();
  }

  #flush(): void {
    if (this.#isFull || this.#isBroken || this.#waiting.length === 0) return;
    const entries = this.#waiting.splice(0);
    this.#waitingText = 0;
    if (this.#dropped > 0) {
      entries.push({ severity: LogEntrySeverity.WARN, message: `${this.#dropped} messages were dropped` });
      this.#dropped = 0;
    }
    this.#isFull = !this.#write(entries);
  }

  /** Ends the stream when what was written has gone out. */
  end(): void {
    this.#end();
    this.#channel.close();
  }
}
