import express from 'express';
import type { Express } from 'express';
import type { Logger } from '../telemetry/logger';
import { logRequests } from './middleware/log-requests';
import { notFoundHandler, problemHandler } from './problem';
import { batchesRouter } from './routes/batches';
import type { BatchesDeps } from './routes/batches';
import { healthRouter } from './routes/health';
import type { HealthDeps } from './routes/health';
import { jobsRouter } from './routes/jobs';
import type { JobsDeps } from './routes/jobs';
import { submissionsRouter } from './routes/submissions';
import type { SubmissionsDeps } from './routes/submissions';

export interface AppDeps extends SubmissionsDeps, JobsDeps, BatchesDeps, HealthDeps {
  readonly logger: Logger;
}

const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** The HTTP front. It stores and reads; it never fetches a page. */
export function createApp(deps: AppDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(logRequests(deps.logger));
  // Whatever the content type says: `curl -d` calls JSON a form, and existing clients do as well.
  app.use(express.json({ limit: MAX_BODY_BYTES, strict: false, type: () => true }));
  app.use(healthRouter(deps), submissionsRouter(deps), jobsRouter(deps), batchesRouter(deps));
  app.use(notFoundHandler);
  app.use(problemHandler(deps.logger));
  return app;
}
