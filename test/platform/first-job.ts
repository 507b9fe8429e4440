import { createInstallation, startEverfetch } from '../support/everfetch-process';
import { startOrigin } from '../support/origin';
import { waitFor } from '../support/wait-for';

test(`on Node.js ${process.version} the built service starts with its servers, fetches a page and stops, without a warning`, async () => {
  const installation = await createInstallation();
  const everfetch = await startEverfetch(installation);
  try {
    const origin = await startOrigin((_req, res) => res.end('<html>fine</html>'));
    const { status, body } = await everfetch.call('POST', '/jobs', { url: origin.url });
    expect(status).toBe(200);
    const job = await waitFor(async () => {
      const answer = await everfetch.call('GET', `/jobs/${body.id}`);
      return answer.body.status === 'finished' ? answer.body : undefined;
    });
    expect(job.response.body).toBe('<html>fine</html>');
    everfetch.child.kill('SIGTERM');
    expect(await everfetch.exited).toBe(0);
    expect(everfetch.output()).not.toMatch(/warning/i);
  } finally {
    everfetch.child.kill('SIGKILL');
    await everfetch.exited;
    await installation.remove();
  }
});
