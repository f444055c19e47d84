/** The assertions of one pipeline; more may follow. */
type Assertions = readonly { readonly name: string; readonly location: string | undefined }[];

/** Of pipelines that are to be run, and have not been. */
const expected = new WeakSet<Assertions>();
/** Those of them that assert something. Whoever lets go of such a pipeline is told of it at the end of the process. */
const unrun = new Set<Assertions>();
let isListening = false;

/** Of a pipeline that must be run before the process ends, if it comes to assert anything. */
export function expectRun(assertions: Assertions): void {
  expected.add(assertions);
}

/** An assertion was added. */
export function noteAssertion(assertions: Assertions): void {
  if (!expected.has(assertions)) return;
  unrun.add(assertions);
  if (isListening) return;
  isListening = true;
  process.on('exit', failIfUnrun);
}

/** The pipeline was started; what becomes of it, its run tells. */
export function noteRun(assertions: Assertions): void {
  expected.delete(assertions);
  unrun.delete(assertions);
}

function failIfUnrun(): void {
  for (const { name, location } of [...unrun].flat()) {
    const where = location === undefined ? '' : `\n    at ${location}`;
    console.error(`${name} was never evaluated: its TestPipeline was not run, await p.run()${where}`);
    // A code that is set says already that something has failed.
    process.exitCode ||= 1;
  }
}
