import { PageHeader } from '../parts/page-header';

/** What goes on, at a glance. */
export const Overview = () => <PageHeader title="Overview" />;
