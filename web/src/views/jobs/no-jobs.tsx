import { Empty } from '../../parts/states';

/** Instead of a list without jobs. A search reads a part of the list at a time, so it may go on behind an empty page. */
export const NoJobs = ({ isFiltered, hasMore }: { readonly isFiltered: boolean; readonly hasMore: boolean }) => {
  if (hasMore) return <Empty title="Nothing in this part of the list">The search goes on with the next page.</Empty>;
  return <Empty title={isFiltered ? 'No URL matches' : 'No URLs here'} />;
};
