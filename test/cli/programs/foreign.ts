import { coders, pipeline } from 'millrace';
import { expansion } from 'millrace/portable';

const BYTES = new Uint8Array();

/** Transforms of other SDKs, whose expansion services nobody has started. */
export default pipeline('foreign', {}, (p) => {
  const loud = p
    .create(['a', 'b'])
    .map('upper', (word) => word.toUpperCase())
    .withCoder(coders.string)
    .apply(expansion('localhost:1', 'my:shout:v1', BYTES, { name: 'Shout', output: coders.string }));
  const read = p.apply(expansion('localhost:2', 'my:read:v1', BYTES, { name: 'Read', output: coders.string }));
  loud.map('length', (word) => word.length);
  p.applyTo({ loud, read }, expansion('localhost:2', 'my:join:v1', BYTES, { name: 'Join' }));
});
