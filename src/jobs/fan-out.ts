import { z } from 'zod';

/** `jobs`: a workflow per URL. `sweep`: one activity fetches hundreds of URLs, and the few in lasting trouble get a workflow each. */
export const FanOut = z.enum(['jobs', 'sweep'], { error: 'must be "jobs" or "sweep"' });
export type FanOut = z.output<typeof FanOut>;
