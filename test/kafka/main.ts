/** `npm run test:kafka`: fetches a broker where there is none yet, and runs the tests that need one. */
import { fetchKafka } from './kafka-broker.ts';

fetchKafka();
process.env.MILLRACE_TEST_KAFKA = '1';
process.argv.splice(2, 0, 'test/kafka');
await import('../../scripts/test.ts');
