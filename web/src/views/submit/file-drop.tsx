import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';
import { bytes } from '../../format/numbers';

/** The API takes no larger upload. */
const MAX_BYTES = 64_000_000;

export interface FileDropProps {
  readonly onFile: (file: { readonly text: string; readonly fileName: string }) => void;
  readonly onError: (message: string) => void;
  readonly children: ComponentChildren;
}

/** A place where a file can be dropped. The same by keyboard: a button that opens the dialog of the system. */
export function FileDrop({ onFile, onError, children }: FileDropProps) {
  const id = useId();
  const [isOver, setIsOver] = useState(false);
  const take = async (file: File | undefined | null): Promise<void> => {
    if (file === undefined || file === null) return;
    if (file.size > MAX_BYTES) {
      onError(`${file.name} has ${bytes(file.size)}; the command line takes files of any size.`);
      return;
    }
    const text = await file.text().catch(() => undefined);
    if (text === undefined) onError(`${file.name} cannot be read.`);
    else if (text.includes('\0')) onError(`${file.name} is no text.`);
    else onFile({ text, fileName: file.name });
  };
  return (
    <div
      class={`file-drop${isOver ? ' over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setIsOver(false);
        void take(event.dataTransfer?.files[0]);
      }}
    >
      {children}
      <div class="file-choice">
        <input
          id={id}
          class="visually-hidden"
          type="file"
          accept=".txt,.csv,.tsv,.ndjson,.jsonl,text/plain,text/csv,application/x-ndjson"
          onChange={(event) => {
            void take(event.currentTarget.files?.[0]);
            event.currentTarget.value = ''; // so that the same file can be chosen again
          }}
        />
        <label for={id} class="button plain">
          Choose a file …
        </label>
      </div>
    </div>
  );
}
