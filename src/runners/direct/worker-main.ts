import { enableCompileCache } from 'node:module';

// First of all: what is imported from here on is compiled, and rid of its types, once per machine and not per thread.
enableCompileCache();
await import('./worker-thread.ts');
