#!/usr/bin/env node
import nodeModule from 'node:module';

// First of all: whatever is imported from here on, the user's program too, is compiled once and not at every start.
// An old Node, which has no such cache, gets as far as the message about its age.
nodeModule.enableCompileCache?.();
const [{ runCli }, { EXIT }, { brokenOutput, watchOutput }] = await Promise.all([
  import('./cli.ts'),
  import('./exit-codes.ts'),
  import('./broken-output.ts'),
]);
watchOutput();

const result = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
});
const exitCode = brokenOutput()?.exitCode ?? result;
process.exitCode = exitCode;

// A program that has run well may still be at work; one that failed, or was only looked at, is not waited for. What has
// been written to a pipe must get out first.
if (process.argv[2] !== 'run' || exitCode !== EXIT.ok) {
  process.stdout.write('', () => process.stderr.write('', () => process.exit()));
}
