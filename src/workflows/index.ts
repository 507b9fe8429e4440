/** The workflows of everfetch, under the names that clients start them by. */
export { scrapeJob } from './scrape-job';
export { scrapeBatch } from './scrape-batch';
export { scrapeChunk } from './scrape-chunk';
export { scrapePart } from './scrape-chunk';
export { deliverWebhooks } from './deliver-webhooks';
export { enforceRetention } from './enforce-retention';
