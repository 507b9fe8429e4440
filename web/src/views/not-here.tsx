import { Empty } from '../parts/states';
import { PageHeader } from '../parts/page-header';

/** For addresses that lead nowhere. */
export const NotHere = () => (
  <>
    <PageHeader title="Nothing here" />
    <Empty title="This address leads nowhere.">
      <a href="#/">Go to the overview</a>
    </Empty>
  </>
);
