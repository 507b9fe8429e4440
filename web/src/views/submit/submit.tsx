import { useMemo, useState } from 'preact/hooks';
import { CopyAs } from '../../parts/copy-as';
import { PageHeader } from '../../parts/page-header';
import { Panel } from '../../parts/panel';
import { batchFieldsOf, emptyForm } from '../../submit/batch-fields';
import type { SubmitForm } from '../../submit/batch-fields';
import { formatOf, readUrls } from '../../submit/read-urls';
import { ErrorNote } from '../../parts/states';
import { Options } from './options';
import { submitExample } from './submit-example';
import { SubmitBar } from './submit-bar';
import { UrlInput } from './url-input';
import type { GivenUrls } from './url-input';
import { useSubmission } from './use-submission';

/** A form to submit URLs: pasted, or from a file. */
export function Submit() {
  const [given, setGiven] = useState<GivenUrls>({ text: '' });
  const [form, setForm] = useState<SubmitForm>(emptyForm);
  const read = useMemo(
    () => readUrls(given.text, { format: formatOf(given.text, given.fileName), column: given.column }),
    [given],
  );
  const fields = batchFieldsOf(form);
  const submission = useSubmission();
  return (
    <>
      <PageHeader title="Submit URLs" actions={<CopyAs example={submitExample(fields)} />}>
        They become a batch that is fetched until every URL has brought its page or its time is over.
      </PageHeader>
      <form
        class="view-grid submit-form"
        onSubmit={(event) => {
          event.preventDefault();
          void submission.submit(read.lines, fields);
        }}
      >
        <div class="two-thirds">
          <Panel title="URLs">
            <UrlInput given={given} read={read} onChange={setGiven} />
          </Panel>
        </div>
        <div class="third">
          <Panel title="Options">
            <Options form={form} onChange={(changes) => setForm({ ...form, ...changes })} />
          </Panel>
        </div>
        <div class="submit-end">
          {submission.error !== undefined && <ErrorNote error={submission.error} />}
          <SubmitBar read={read} form={form} submission={submission} />
        </div>
      </form>
    </>
  );
}
