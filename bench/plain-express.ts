/* The baseline of `read-job.ts`: Express as it comes, the job object in memory. Its own process; JSON on standard input, its port on standard output. */
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import express from 'express';

const object: unknown = JSON.parse(readFileSync(0, 'utf8'));
const app = express();
app.get('/jobs/:id', (_req, res) => {
  res.json(object);
});
const server = app.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
