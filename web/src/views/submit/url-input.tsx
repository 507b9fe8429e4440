import { useState } from 'preact/hooks';
import { bytes, count, counted } from '../../format/numbers';
import { Button } from '../../parts/button';
import { SelectField, TextField } from '../../parts/field';
import { Note } from '../../parts/states';
import type { ReadUrls } from '../../submit/read-urls';
import { FileDrop } from './file-drop';

/** What was pasted, or what stands in a file. */
export interface GivenUrls {
  readonly text: string;
  readonly fileName?: string;
  /** Column of a CSV file that has been chosen. */
  readonly column?: string;
}

export interface UrlInputProps {
  readonly given: GivenUrls;
  readonly read: ReadUrls;
  readonly onChange: (given: GivenUrls) => void;
}

const SHOWN_LINES = 5;

/** Takes URLs as text or as a file, and says at once what is wrong with them. */
export function UrlInput({ given, read, onChange }: UrlInputProps) {
  const [fileError, setFileError] = useState<string>();
  const { text, fileName } = given;
  return (
    <FileDrop
      onFile={(file) => {
        setFileError(undefined);
        onChange(file);
      }}
      onError={setFileError}
    >
      {fileName === undefined ? (
        <TextField
          label="One URL per line"
          rows={12}
          value={text}
          placeholder={'https://example.com/products/1\nhttps://example.com/products/2'}
          hint="Or drop a file anywhere here: plain text, CSV, or NDJSON with options per URL."
          onInput={(typed) => onChange({ text: typed })}
        />
      ) : (
        <ChosenFile given={{ ...given, fileName }} read={read} onChange={onChange} />
      )}
      <div aria-live="polite" class="input-problems">
        {fileError !== undefined && <Note tone="warn">{fileError}</Note>}
        {read.problemCount > 0 && <Problems read={read} />}
      </div>
    </FileDrop>
  );
}

function ChosenFile({ given, read, onChange }: UrlInputProps & { readonly given: { readonly fileName: string } }) {
  const { columns, column, lines } = read;
  return (
    <div class="chosen-file">
      <div class="line">
        <strong>{given.fileName}</strong>
        <span class="muted">
          {bytes(given.text.length)}, {counted(lines.length, 'URL')}
        </span>
        <Button kind="quiet" icon="close" onClick={() => onChange({ text: '' })}>
          Remove
        </Button>
      </div>
      {columns.length > 1 && (
        <SelectField
          label="Column with the URLs"
          value={column ?? ''}
          options={columns.map((name) => ({ value: name, text: name }))}
          onChange={(chosen) => onChange({ ...given, column: chosen })}
        />
      )}
      <ol class="sample-lines">
        {lines.slice(0, SHOWN_LINES).map(({ url }, place) => (
          <li key={place}>
            <code>{url}</code>
          </li>
        ))}
        {lines.length > SHOWN_LINES && <li class="muted">and {count(lines.length - SHOWN_LINES)} more</li>}
      </ol>
    </div>
  );
}

const Problems = ({ read: { problems, problemCount } }: { readonly read: ReadUrls }) => (
  <Note tone="warn">
    <p>{counted(problemCount, 'line')} cannot be submitted:</p>
    <ul>
      {problems.map(({ line, message }) => (
        <li key={line}>
          line {line}: {message}
        </li>
      ))}
      {problemCount > problems.length && <li>and {count(problemCount - problems.length)} more</li>}
    </ul>
  </Note>
);
