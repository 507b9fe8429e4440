import { count } from '../../format/numbers';
import { spoken } from '../../format/texts';
import { hrefWith } from '../../routing/location';
import { useLocation } from '../../routing/use-location';
import { Panel } from '../../parts/panel';
import { ShareBars } from '../../parts/share-bars';

/** How many failed for which reason, the most frequent first. Each leads to its URLs. */
export function FailureReasons({ reasons }: { readonly reasons: Readonly<Record<string, number>> }) {
  const location = useLocation();
  const rows = Object.entries(reasons)
    .filter(([, jobs]) => jobs > 0)
    .sort(([, one], [, other]) => other - one)
    .map(([failReason, jobs]) => ({
      id: failReason,
      label: (
        <a
          href={hrefWith(location, {
            tab: 'urls',
            status: 'failed',
            failReason,
            host: undefined,
            statusCode: undefined,
          })}
        >
          {spoken(failReason)}
        </a>
      ),
      parts: [{ tone: 'failed', value: jobs }] as const,
      text: count(jobs),
    }));
  return (
    <Panel title="Reasons">
      <ShareBars rows={rows} />
    </Panel>
  );
}
