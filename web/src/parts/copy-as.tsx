import { useId, useState } from 'preact/hooks';
import { codeSamples } from '../samples/code-samples';
import type { ApiExample } from '../samples/code-samples';
import { serviceUrl } from '../session/session';
import { Button } from './button';
import { CopyButton } from './copy-button';
import { Dialog } from './dialog';

/** A button that shows what the view shows as curl, command line, TypeScript and Python. */
export function CopyAs({ example }: { readonly example: ApiExample }) {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <Button kind="quiet" icon="code" onClick={() => setIsOpen(true)}>
        As code
      </Button>
      {isOpen && (
        <Dialog title="The same in code" onClose={() => setIsOpen(false)}>
          <Samples example={example} />
        </Dialog>
      )}
    </>
  );
}

function Samples({ example }: { readonly example: ApiExample }) {
  const samples = codeSamples(example, serviceUrl());
  const [chosen, setChosen] = useState<string>(samples[0]?.id ?? '');
  const group = useId();
  const code = samples.find(({ id }) => id === chosen)?.code ?? '';
  return (
    <div class="samples">
      <fieldset class="segmented">
        <legend class="visually-hidden">Language</legend>
        {samples.map(({ id, title }) => (
          <label key={id}>
            <input type="radio" name={group} checked={id === chosen} onChange={() => setChosen(id)} />
            <span>{title}</span>
          </label>
        ))}
      </fieldset>
      <pre class="code" tabIndex={0} aria-label="Code">
        {code}
      </pre>
      <CopyButton text={code} label="Copy" />
    </div>
  );
}
