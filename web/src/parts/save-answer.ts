const RELEASE_MS = 60_000;

/**
 * Saves the body of an answer as a file. A link cannot do that, because the key goes in a header and must not stand in an address.
 * Browsers keep large blobs on the disk.
 */
export async function saveAnswer(answer: Response, name: string): Promise<void> {
  const address = URL.createObjectURL(await answer.blob());
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser has begun to read it by then, and keeps it for as long as it reads.
  setTimeout(() => URL.revokeObjectURL(address), RELEASE_MS);
}
