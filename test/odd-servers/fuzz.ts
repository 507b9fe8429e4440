import { runFuzz } from './run-fuzz';

/** `npm run test:fuzz -- [responses] [seed]`: 100,000 mutated responses unless told otherwise. */
async function main([responses = '100000', seed = '1']: readonly string[]): Promise<void> {
  const report = await runFuzz({ responses: Number(responses), seed: Number(seed) });
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  process.exitCode = report.findings.length === 0 ? 0 : 1;
}

void main(process.argv.slice(2));
