import { bytes } from '../../format/numbers';
import { CopyButton } from '../../parts/copy-button';

/** More than that makes browsers slow, and nobody reads it. */
const MAX_SHOWN = 300_000;

/** A page as text. Of a long one the beginning is shown. */
export const PageSource = ({ text, address }: { readonly text: string; readonly address?: string }) => (
  <>
    <pre class="code" tabIndex={0} aria-label="Source of the page">
      {text.slice(0, MAX_SHOWN)}
    </pre>
    {text.length > MAX_SHOWN && (
      <p class="hint">
        The first {bytes(MAX_SHOWN)} of {bytes(text.length)}.{' '}
        {address !== undefined && (
          <a href={address} target="_blank" rel="noreferrer">
            All of it
          </a>
        )}
      </p>
    )}
    <CopyButton text={text} label="Copy source" />
  </>
);
