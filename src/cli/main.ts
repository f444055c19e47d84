#!/usr/bin/env node
import { runCli } from './cli.ts';

// Not process.exit(): what was written to a pipe must get out first, and a program that was run may still be at work.
process.exitCode = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
});

// A program that was only looked at is not waited for.
if (process.argv[2] !== 'run') process.stdout.write('', () => process.exit());
