import { useEffect, useState } from 'preact/hooks';
import { Button } from './button';
import { copyText } from './copy-text';

const SHOWN_MS = 2_000;

export interface CopyButtonProps {
  readonly text: string;
  /** What is copied: `Copy id`. */
  readonly label: string;
  readonly isIconOnly?: boolean;
}

/** Copies a text, and says that it did. */
export function CopyButton({ text, label, isIconOnly = false }: CopyButtonProps) {
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return undefined;
    const timer = setTimeout(() => setIsCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  return (
    <Button
      kind="quiet"
      icon={isCopied ? 'check' : 'copy'}
      isIconOnly={isIconOnly}
      onClick={() => void copyText(text).then(() => setIsCopied(true))}
    >
      {isCopied ? 'Copied' : label}
    </Button>
  );
}

/** An id as code, with a button that copies it. */
export const CopyableId = ({ id, shown = id }: { readonly id: string; readonly shown?: string }) => (
  <span class="copyable">
    <code title={id}>{shown}</code>
    <CopyButton text={id} label="Copy id" isIconOnly />
  </span>
);
