import { useBlobUrl } from './use-blob-url';

/** A picture that was asked for with the API key, which the address of an `img` could not send. */
export function Picture({ blob, alt }: { readonly blob: Blob; readonly alt: string }) {
  const address = useBlobUrl(blob, (picture) => picture);
  return address === undefined ? null : <img class="page-picture" src={address} alt={alt} />;
}
