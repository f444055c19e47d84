import type { MonitoringInfo } from '../../../model/pipeline.ts';
import type { Init } from '../../../model/proto/message-type.ts';

/** Short names for what metrics are called, so that a name is sent once and not with each bundle. One for all of a worker. */
export class ShortIds {
  readonly #worker: string;
  readonly #ids = new Map<string, string>();
  readonly #infos = new Map<string, Init<MonitoringInfo>>();

  /** @param worker its id: Prism takes equal names of two workers of a job, of different SDKs even, for the same metric */
  constructor(worker: string) {
    this.#worker = worker;
  }

  /** Payloads by short id. */
  shorten(infos: readonly Init<MonitoringInfo>[]): Record<string, Uint8Array> {
    const data: Record<string, Uint8Array> = {};
    for (const { payload = new Uint8Array(), ...name } of infos) data[this.#idOf(name)] = payload;
    return data;
  }

  #idOf(name: Init<MonitoringInfo>): string {
    const text = JSON.stringify([name.urn, name.type, name.labels]);
    let id = this.#ids.get(text);
    if (id === undefined) {
      id = `${this.#worker}:${this.#ids.size.toString(36)}`;
      this.#ids.set(text, id);
      this.#infos.set(id, name);
    }
    return id;
  }

  /** What short ids stand for. */
  explain(ids: readonly string[]): Record<string, Init<MonitoringInfo>> {
    const infos: Record<string, Init<MonitoringInfo>> = {};
    for (const id of ids) {
      const info = this.#infos.get(id);
      if (info !== undefined) infos[id] = info;
    }
    return infos;
  }
}
