import express from 'express';
import type { Express } from 'express';
import { findBatch } from '../store/batches';
import type { Logger } from '../telemetry/logger';
import type { BatchLimitDeps } from './batch-limit';
import { BatchWatch } from './batch-watch';
import { allowOrigins } from './middleware/allow-origins';
import { logRequests } from './middleware/log-requests';
import { createReadBody } from './middleware/read-body';
import { readJsonBody } from './middleware/read-json-body';
import { takesBody } from './middleware/takes-body';
import { notFoundHandler, problemHandler } from './problem';
import { accountRouter } from './routes/account';
import type { AccountDeps } from './routes/account';
import { archiveRouter } from './routes/archive';
import type { ArchiveRouteDeps } from './routes/archive';
import { batchControlRouter } from './routes/batch-control';
import type { BatchControlDeps } from './routes/batch-control';
import { batchEventsRouter } from './routes/batch-events';
import type { BatchEventsDeps } from './routes/batch-events';
import { batchFailuresRouter } from './routes/batch-failures';
import { batchResultsRouter } from './routes/batch-results';
import type { BatchResultsDeps } from './routes/batch-results';
import { batchSubmissionsRouter, isLinesUpload } from './routes/batch-submissions';
import type { BatchSubmissionsDeps } from './routes/batch-submissions';
import { batchesRouter } from './routes/batches';
import type { BatchesDeps } from './routes/batches';
import { dashboardRouter } from './routes/dashboard';
import { forgetRouter } from './routes/forget';
import type { ForgetDeps } from './routes/forget';
import { healthRouter } from './routes/health';
import type { HealthDeps } from './routes/health';
import { hostsRouter } from './routes/hosts';
import type { HostsDeps } from './routes/hosts';
import { jobBodyRouter } from './routes/job-body';
import type { JobBodyDeps } from './routes/job-body';
import { jobScreenshotRouter } from './routes/job-screenshot';
import type { JobScreenshotDeps } from './routes/job-screenshot';
import { jobsRouter } from './routes/jobs';
import type { JobsDeps } from './routes/jobs';
import { keysRouter } from './routes/keys';
import type { KeysDeps } from './routes/keys';
import { listsRouter } from './routes/lists';
import type { ListsDeps } from './routes/lists';
import { mcpRouter } from './routes/mcp';
import type { McpRouteDeps } from './routes/mcp';
import { openApiRouter } from './routes/openapi';
import { overviewRouter } from './routes/overview';
import type { OverviewDeps } from './routes/overview';
import { pageRouter } from './routes/page';
import type { PageDeps } from './routes/page';
import { receiversRouter } from './routes/receivers';
import type { ReceiversDeps } from './routes/receivers';
import { scrapeRouter } from './routes/scrape';
import type { ScrapeDeps } from './routes/scrape';
import { submissionsRouter } from './routes/submissions';
import type { SubmissionsDeps } from './routes/submissions';
import { usageRouter } from './routes/usage';
import type { UsageDeps } from './routes/usage';
import { webhooksRouter } from './routes/webhooks';
import type { WebhooksDeps } from './routes/webhooks';

export interface AppDeps
  extends
    SubmissionsDeps,
    Omit<BatchSubmissionsDeps, 'readBody'>,
    JobsDeps,
    JobBodyDeps,
    JobScreenshotDeps,
    BatchesDeps,
    BatchLimitDeps,
    BatchControlDeps,
    Omit<BatchResultsDeps, 'segments'>,
    BatchEventsDeps,
    ListsDeps,
    WebhooksDeps,
    ReceiversDeps,
    HostsDeps,
    AccountDeps,
    KeysDeps,
    OverviewDeps,
    UsageDeps,
    HealthDeps,
    ScrapeDeps,
    ArchiveRouteDeps,
    ForgetDeps,
    McpRouteDeps,
    Omit<PageDeps, 'readBody'> {
  readonly logger: Logger;
  /** Origins whose scripts may call the API. @default none */
  readonly corsOrigins?: readonly string[];
}

/** The Express app of the HTTP API. It reads and stores, and never fetches a page. */
export function createApp(deps: AppDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(logRequests(deps.logger));
  app.use(allowOrigins(deps.corsOrigins ?? []));
  const readBody = createReadBody();
  const watch = new BatchWatch({ findBatch: (id) => findBatch(deps.database, id) });
  // Express tries them in this order, so the routes that are called most come first.
  const routers = [
    jobsRouter(deps),
    jobBodyRouter(deps),
    jobScreenshotRouter(deps),
    submissionsRouter(deps),
    scrapeRouter(deps),
    batchSubmissionsRouter({ ...deps, readBody }),
    healthRouter(deps),
    overviewRouter(deps),
    batchesRouter(deps),
    batchResultsRouter(deps, watch),
    batchEventsRouter(deps, watch),
    listsRouter(deps),
    batchControlRouter(deps),
    batchFailuresRouter(deps),
    archiveRouter(deps),
    forgetRouter(deps),
    webhooksRouter(deps),
    receiversRouter(deps),
    hostsRouter(deps),
    accountRouter(deps),
    mcpRouter(deps),
    keysRouter(deps),
    usageRouter(deps),
    openApiRouter(deps),
  ];
  const takesJson = takesBody(routers);
  app.use(readJsonBody((req) => takesJson(req) && !isLinesUpload(req), readBody));
  app.use(routers);
  // Its body is the target's, so it is not among the routes whose body is JSON.
  app.use(pageRouter({ ...deps, readBody }));
  app.use(dashboardRouter());
  app.use(notFoundHandler);
  app.use(problemHandler(deps.logger));
  return app;
}
