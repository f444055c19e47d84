import { PipelineError } from '../sdk/index.ts';

/**
 * A package that only some users need, loaded when it is first needed.
 *
 * @param user what needs it, for the message
 * @throws PipelineError `PACKAGE_MISSING`
 */
export async function loadPackage<M>(name: string, user: string, load: () => Promise<M>): Promise<M> {
  try {
    return await load();
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new PipelineError('PACKAGE_MISSING', `${user} needs the package '${name}', which is not installed`, {
      hint: `npm install ${name}`,
      cause,
    });
  }
}
