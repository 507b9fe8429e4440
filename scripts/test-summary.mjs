// node scripts/test-summary.mjs <results of Jest as JSON>: prints "<passed> <failed>", then the files with a failure, a line each. What
// cannot be read counts as one failure.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

try {
  const results = JSON.parse(readFileSync(process.argv[2], 'utf8'));
  console.log(results.numPassedTests, results.numFailedTests + results.numRuntimeErrorTestSuites);
  for (const { status, name } of results.testResults) if (status === 'failed') console.log(relative('.', name));
} catch {
  console.log(0, 1);
}
