import { useEffect, useState } from 'preact/hooks';
import type { JobObject } from '../../api/types';
import { useQuery } from '../../data/use-query';
import type { Query } from '../../data/use-query';
import { useClient } from '../../session/use-client';

const POLL_MS = 2_000;

/** A job with its attempts and without its page, asked for again and again until it has ended. */
export function useJob(id: string): Query<JobObject> {
  const client = useClient();
  const [isOpen, setIsOpen] = useState(true);
  const query = useQuery(`job ${id}`, (signal) => client.job(id, { response: false, attempts: true, signal }), {
    pollMs: isOpen ? POLL_MS : undefined,
  });
  const status = query.data?.status;
  useEffect(() => setIsOpen(status === undefined || status === 'running'), [status]);
  return query;
}
