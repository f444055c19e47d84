import { crc32 } from 'node:zlib';
import { ByteReader } from '../../sdk/coders/byte-reader.ts';
import { ByteWriter } from '../../sdk/coders/byte-writer.ts';
import type { Coder } from '../../sdk/coders/coder.ts';
import { type ShapeDefinitions, shapeTable } from '../../sdk/coders/shape-table.ts';
import { RunnerError } from '../../sdk/errors.ts';
import { describeCoder, describeWindowing } from '../../sdk/graph/describe.ts';
import type { CollectionNode } from '../../sdk/graph/graph.ts';
import type { StateBackend } from '../core/state/state-backend.ts';
import { fedBy, replacedRoot } from './fed-parts.ts';
import { signatureDifference } from './signature-difference.ts';

/** Layout of what is written here; another one is refused. */
const FORMAT = 2;
const MAX_PART_BYTES = 0x7fffffff;

/** One part of an engine that must survive a restart. */
export interface CheckpointPart {
  /** Stays the same as long as the transforms keep their names. */
  readonly id: string;
  /** What must be the same for the saved bytes to make sense: coders, windowing, state. */
  readonly signature: string;
  /** Nothing would be lost if the part went away. */
  readonly isEmpty: boolean;
  /** Gives all there is to give when no checkpoint knows of it. */
  readonly isRoot?: boolean;
  /** Those whose outputs come in, which are before this one among the parts. */
  readonly upstream?: readonly CheckpointPart[];
  save(out: ByteWriter): void;
  restore(input: ByteReader): void;
}

/** Names the coder and windowing of a collection, with the coder of custom windows, so that others are told apart. */
export function signatureOf({ coder, windowing }: Pick<CollectionNode, 'coder' | 'windowing'>): string {
  const { windowFn } = windowing;
  const { urn } = windowFn;
  const window = `${urn}[${Buffer.from(windowFn.payload()).toString('base64')}]`;
  const words = `${coderSignature(coder)} in ${describeWindowing(windowing) || 'the global window'} ${checksum(window)}`;
  // Beam's windows have their coder by definition.
  return urn.startsWith('beam:') ? words : `${words} as ${coderSignature(windowFn.coder)}`;
}

/** Names a coder: for people, and with a checksum of what the words leave out. */
export function coderSignature(coder: Coder<unknown>): string {
  return `${describeCoder(coder)} ${checksum(coderText(coder))}`;
}

function coderText({ urn, payload, components }: Coder<unknown>): string {
  return `${urn}[${Buffer.from(payload ?? []).toString('base64')}]<${components.map(coderText).join(',')}>`;
}

function checksum(text: string): string {
  return `(${crc32(text).toString(16).padStart(8, '0')})`;
}

/** A part as the manifest has it. */
interface SavedPart {
  readonly id: string;
  readonly signature: string;
  readonly isEmpty: boolean;
  /** Of roots: the parts that it has fed. */
  readonly feeds?: readonly string[];
}

interface Manifest {
  readonly format: number;
  /** When it was written, in milliseconds since 1970; absent in checkpoints by earlier versions. */
  readonly at?: number;
  readonly parts: readonly SavedPart[];
  readonly shapes: ShapeDefinitions;
}

/** Writes all parts, to be followed by the backend's commit. @param at milliseconds since 1970 */
export function saveParts(parts: readonly CheckpointPart[], backend: StateBackend, at: number): void {
  const out = new ByteWriter(4096, MAX_PART_BYTES);
  for (const part of parts) {
    out.clear();
    part.save(out);
    backend.putBlob(`part:${part.id}`, out.view());
  }
  const manifest: Manifest = {
    format: FORMAT,
    at,
    parts: parts.map((part) => {
      const { id, signature, isEmpty } = part;
      return { id, signature, isEmpty, feeds: fedBy(part, parts) };
    }),
    // The default coder names the shapes of objects by a hash; whoever reads them must know the names.
    shapes: shapeTable.export(),
  };
  const kept = new Set(parts.map(({ id }) => `part:${id}`));
  for (const name of backend.blobs('part:')) if (!kept.has(name)) backend.putBlob(name, undefined);
  backend.putBlob('manifest', Buffer.from(JSON.stringify(manifest)));
}

/**
 * Takes up what was saved, by a pipeline that may have been changed since: new parts begin with nothing.
 *
 * @returns when it was saved, in milliseconds since 1970, if it says so
 * @throws RunnerError `CHECKPOINT_INCOMPATIBLE` naming the first part that has gone, or has become another
 */
export function restoreParts(parts: readonly CheckpointPart[], backend: StateBackend): number | undefined {
  const manifest = readManifest(backend);
  const byId = new Map(parts.map((part) => [part.id, part]));
  for (const saved of manifest.parts) {
    const part = byId.get(saved.id);
    if (part === undefined && !saved.isEmpty) {
      throw incompatible(`it has state of ${saved.id}, which the pipeline no longer has`);
    }
    if (part !== undefined && part.signature !== saved.signature && !saved.isEmpty) {
      const difference = signatureDifference(saved.signature, part.signature);
      const whole = `${saved.id} was ${saved.signature} and is ${part.signature}`;
      throw incompatible(difference === '' ? whole : `${saved.id}: ${difference}; ${whole}`);
    }
  }
  const replaced = replacedRoot(manifest.parts, parts);
  if (replaced !== undefined) {
    const { gone, root, fed } = replaced;
    throw incompatible(
      `it has begun with ${gone}, which the pipeline no longer has, and ${root} would feed ${fed} anew`,
      'keep the names of transforms; or go on once without the new one, which may be added afterwards',
    );
  }
  shapeTable.import(manifest.shapes);
  for (const { id, signature } of manifest.parts) {
    const part = byId.get(id);
    const bytes = backend.blob(`part:${id}`);
    if (part === undefined || bytes === undefined || part.signature !== signature) continue;
    // A copy: reading keyed state asks the backend again.
    part.restore(new ByteReader(Uint8Array.prototype.slice.call(bytes)));
  }
  return manifest.at;
}

function readManifest(backend: StateBackend): Manifest {
  const bytes = backend.blob('manifest');
  if (bytes === undefined) throw incompatible('it has no manifest');
  const manifest = JSON.parse(Buffer.from(bytes).toString()) as Manifest;
  if (manifest.format !== FORMAT) {
    throw incompatible(`its format is ${manifest.format}, and this version of Millrace reads ${FORMAT}`);
  }
  return manifest;
}

function incompatible(
  why: string,
  hint = 'keep the names of transforms, coders and windows; or drain the old pipeline and begin in a new checkpointDir',
): RunnerError {
  return new RunnerError('CHECKPOINT_INCOMPATIBLE', `The pipeline cannot go on from its checkpoint: ${why}`, { hint });
}
