/** A function of the pipeline ends the process, with the given exit code. */
import { option, pipeline } from 'millrace';

export default pipeline('leaves', { code: option.integer() }, (p, { code }) => {
  p.create([1]).map('leave', () => process.exit(code));
});
