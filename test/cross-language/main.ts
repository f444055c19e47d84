/** `npm run test:cross-language`: installs Prism, Flink and Beam's Python and Java SDKs where they are missing, and runs the tests that need them. */
process.env.MILLRACE_TEST_PEERS = '1';
process.argv.splice(2, 0, 'test/cross-language');
await import('../../scripts/test.ts');
