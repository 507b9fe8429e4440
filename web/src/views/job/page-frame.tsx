import { bytes } from '../../format/numbers';
import { Empty } from '../../parts/states';
import { framedPage } from './framed-page';
import { PageSource } from './page-source';
import { Picture } from './picture';
import { useBlobUrl } from './use-blob-url';
import type { ShownPage } from './use-page';

const isHtml = (type: string): boolean => type === 'text/html' || type === 'application/xhtml+xml';
const isPicture = (type: string): boolean => /^image\/(png|jpeg|gif|webp|avif|bmp)$/.test(type);

/** The page as it looks, as far as that is possible without running or loading anything of it. */
export function PageFrame({ page: { type, text, blob } }: { readonly page: ShownPage }) {
  if (text !== undefined) return isHtml(type) ? <HtmlFrame html={text} /> : <PageSource text={text} />;
  if (blob !== undefined && isPicture(type)) return <Picture blob={blob} alt="The fetched picture" />;
  return (
    <Empty title={`This page cannot be shown here${type === '' ? '' : `: it is ${type}`}.`} icon="file">
      {blob !== undefined && bytes(blob.size)}
    </Empty>
  );
}

function HtmlFrame({ html }: { readonly html: string }) {
  const address = useBlobUrl(html, (text) => new Blob([framedPage(text)], { type: 'text/html;charset=utf-8' }));
  return (
    <>
      <p class="hint">Without its scripts, and without pictures and styles that would have to be loaded.</p>
      {/* An empty `sandbox` grants nothing: no scripts, no forms, and an origin of its own. */}
      {address !== undefined && <iframe class="page-frame" sandbox="" src={address} title="The fetched page" />}
    </>
  );
}
