import { Components } from '../../../model/pipeline.ts';
import { ByteReader } from '../../../sdk/coders/byte-reader.ts';
import { ByteWriter } from '../../../sdk/coders/byte-writer.ts';
import type { Coder } from '../../../sdk/coders/coder.ts';
import { coderFromSpec } from '../../../sdk/coders/coder-registry.ts';
import { PipelineError } from '../../../sdk/errors.ts';
import { coderSpecs } from '../../../sdk/graph/coder-specs.ts';
import { ProtoComponents } from '../../../sdk/graph/proto-components.ts';
import type { PCollection } from '../../../sdk/pipeline/p-collection.ts';
import type { AnyElement } from '../../../sdk/values.ts';
import type { Window } from '../../../sdk/windows/window.ts';
import { encodingText } from '../expansion/crossing.ts';

/**
 * The elements of an input as the values that another coder of the same encoding makes.
 *
 * @throws PipelineError `EXPANSION_INPUT` when the encodings differ
 */
export function decodedAs(
  input: PCollection<unknown, Window>,
  tag: string,
  coder: Coder<unknown>,
): PCollection<unknown, Window> {
  const proto = new ProtoComponents('');
  const ids = [input.node.coder, coder].map((each) => proto.coder(each));
  const { coders } = Components.create({ coders: proto.coders });
  const [found, wanted] = ids.map((id) => encodingText(id, coders));
  if (found === wanted) return recode(input, `Decode ${tag}`, coder);
  throw new PipelineError('EXPANSION_INPUT', `The input '${tag}' has elements of the coder ${found}, not ${wanted}`);
}

/**
 * The elements of an output as what their encoding alone says: the other program has coders of its own for the collection, of
 * which the worker knows no more than that.
 */
export function encodedAsStandard(output: PCollection<unknown, Window>, tag: string): PCollection<unknown, Window> {
  const proto = new ProtoComponents('');
  const id = proto.coder(output.node.coder);
  const { coders } = Components.create({ coders: proto.coders });
  return recode(output, `Encode ${tag}`, coderFromSpec(id, coderSpecs(coders)));
}

function recode(input: PCollection<unknown, Window>, name: string, to: Coder<unknown>): PCollection<unknown, Window> {
  const from = input.node.coder;
  if (haveSameValues(from, to)) return input;
  const out = new ByteWriter(64);
  return input
    .map(name, (element) => {
      out.clear();
      from.encode(element, out, true);
      // A copy: values of bytes are views of what they are read from.
      return to.decode(new ByteReader(out.copy()), true) as AnyElement;
    })
    .withCoder(to);
}

/** Whether two coders of one encoding surely make the same values of it. */
function haveSameValues(a: Coder<unknown>, b: Coder<unknown>): boolean {
  if (a === b) return true;
  return (
    a.components.length > 0 &&
    a.constructor === b.constructor &&
    a.components.every((component, i) => haveSameValues(component, b.components[i]))
  );
}
