import { hrefWith } from '../routing/location';
import { useLocation } from '../routing/use-location';
import { LinkButton } from './button';

export interface PagerProps {
  /** What the answer says; absent on the last page. */
  readonly nextCursor: string | undefined;
  /** Name of the cursor in the address, where a view has several lists. */
  readonly name?: string;
  readonly firstText?: string;
  readonly nextText?: string;
}

/**
 * Links to the first and to the next page of a list. Cursors lead forward only, so the way back is that of the browser, or to the
 * first page.
 */
export function Pager({ nextCursor, name = 'cursor', firstText = 'First page', nextText = 'Next page' }: PagerProps) {
  const location = useLocation();
  const isFirst = location.query[name] === undefined;
  if (isFirst && nextCursor === undefined) return null;
  return (
    <nav class="pager" aria-label="Pages">
      {!isFirst && (
        <LinkButton href={hrefWith(location, { [name]: undefined })} icon="back">
          {firstText}
        </LinkButton>
      )}
      {nextCursor !== undefined && (
        <LinkButton href={hrefWith(location, { [name]: nextCursor })} icon="next">
          {nextText}
        </LinkButton>
      )}
    </nav>
  );
}
