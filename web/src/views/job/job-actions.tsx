import { useCallback, useState } from 'preact/hooks';
import type { JobObject } from '../../api/types';
import { useAction } from '../../data/use-action';
import { batchOf } from '../../format/job-ids';
import { Button, LinkButton } from '../../parts/button';
import { Confirm } from '../../parts/dialog';
import { toast } from '../../parts/toast';
import { hrefOf } from '../../routing/location';
import { navigate } from '../../routing/use-location';
import { useInstallation } from '../../session/installation';
import { useClient } from '../../session/use-client';
import { jobWorkflowLink } from './workflow-link';

export interface JobActionsProps {
  readonly job: JobObject;
  readonly onChange: () => void;
}

/** What can be done with a job: cancelling it while it runs, forgetting it afterwards, looking at its workflow. */
export function JobActions({ job, onChange }: JobActionsProps) {
  const { temporalUi } = useInstallation();
  const [isForgetting, setIsForgetting] = useState(false);
  const client = useClient();
  const cancel = useAction(
    useCallback(async () => {
      await client.cancelJob(job.id);
      toast({ tone: 'good', text: 'The job is being cancelled.' });
      onChange();
    }, [client, job.id, onChange]),
  );
  return (
    <>
      {temporalUi !== undefined && (
        <LinkButton href={jobWorkflowLink(temporalUi, job.id)} icon="external" kind="quiet" isExternal>
          Workflow
        </LinkButton>
      )}
      {job.status === 'running' ? (
        <Button icon="stop" isBusy={cancel.isBusy} onClick={() => void cancel.run()}>
          Cancel
        </Button>
      ) : (
        <Button icon="trash" onClick={() => setIsForgetting(true)}>
          Forget …
        </Button>
      )}
      {isForgetting && <ForgetDialog id={job.id} onClose={() => setIsForgetting(false)} />}
    </>
  );
}

function ForgetDialog({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const client = useClient();
  const forget = useAction(
    useCallback(async () => {
      await client.forgetJob(id);
      toast({ tone: 'good', text: 'The job is forgotten.' });
      const batchId = batchOf(id);
      navigate(batchId === undefined ? hrefOf(['jobs']) : hrefOf(['batches', batchId]));
    }, [client, id]),
  );
  return (
    <Confirm
      title="Forget this job?"
      confirmText="Forget it"
      isDangerous
      isBusy={forget.isBusy}
      onConfirm={() => void forget.run()}
      onClose={onClose}
    >
      <p>
        Its row, its page and its callbacks are removed at once. This cannot be undone, and the id answers 410 from then
        on.
      </p>
    </Confirm>
  );
}
