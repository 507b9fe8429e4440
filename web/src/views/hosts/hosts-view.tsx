import { useState } from 'preact/hooks';
import { hostOf } from '../../format/hosts';
import { Button } from '../../parts/button';
import { TextField } from '../../parts/field';
import { PageHeader } from '../../parts/page-header';
import { Panel } from '../../parts/panel';
import { hrefOf } from '../../routing/location';
import { navigate } from '../../routing/use-location';

/** Asks for the host to look at; jobs and batches link to theirs. */
export function HostsView() {
  const [text, setText] = useState('');
  const given = text.trim();
  const host = given.includes('://') ? hostOf(given) : given;
  return (
    <>
      <PageHeader title="Hosts">What the service knows of a target: its pace, its rests, its 429s.</PageHeader>
      <Panel title="Which host?">
        <form
          class="one-line-form"
          onSubmit={(event) => {
            event.preventDefault();
            if (host !== undefined && host !== '') navigate(hrefOf(['hosts', host]));
          }}
        >
          <TextField label="Host name or URL" value={text} onInput={setText} placeholder="shop.example" isRequired />
          <Button type="submit" kind="primary">
            Look at it
          </Button>
        </form>
      </Panel>
    </>
  );
}
