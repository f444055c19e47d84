import { PipelineError } from '../errors.ts';

/** An option is unknown, malformed or missing. The message names the option and where its value came from. */
export class OptionError extends PipelineError {
  /** Options come from elsewhere than the line that reads them. */
  static override readonly saysWhere = false;
}
