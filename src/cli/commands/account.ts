import type { Command } from 'commander';
import { addCommand, groups } from '../command';
import type { Run } from '../command';
import { cliExitCodes } from '../exit-codes';
import { addApiOptions, fieldsOf } from '../options/add-api-options';
import { fetchOptions } from '../options/api-options';
import { printFields } from '../print/table';
import { grouped } from '../progress/totals';

/** The limit of a key without one, because clients expect a number. */
const UNLIMITED = 1_000_000_000;

/** Adds `account` and `cost`. */
export function addAccount(program: Command, run: Run): void {
  const account = addCommand(program, {
    name: 'account',
    group: groups.account,
    summary: 'show what the key may use and has used',
    examples: ['everfetch account', 'everfetch account --json | jq .creditsLeft'],
  }).action(() =>
    run(account, async (context) => {
      const { client, connection, signal, isJson, printJson } = context;
      const seen = await client.account({ signal });
      if (isJson) await printJson(seen);
      else {
        const { creditsLeft, requestLimit } = seen;
        await printFields(context, [
          ['service', connection.url],
          ['credits left', requestLimit >= UNLIMITED ? 'no limit' : grouped(creditsLeft)],
          ['requests', `${grouped(seen.requestCount)}, and ${grouped(seen.failedRequestCount)} that failed`],
          ['unfinished', grouped(seen.concurrentRequests)],
          ['concurrency', grouped(seen.concurrencyLimit)],
          ['submissions', `${grouped(seen.burst)} a second`],
          ['since', seen.subscriptionDate],
        ]);
      }
      return cliExitCodes.done.code;
    }),
  );

  const cost = addCommand(program, {
    name: 'cost <url>',
    group: groups.account,
    summary: 'show how many credits a fetch of this URL costs',
    examples: ['everfetch cost https://example.com/ --render --premium'],
  });
  addApiOptions(cost, 'Of the fetch:', fetchOptions).action((url: string) =>
    run(cost, async ({ client, signal, isJson, print, printJson }) => {
      const price = await client.cost(url, fieldsOf(cost, fetchOptions), { signal });
      await (isJson ? printJson(price) : print(`${grouped(price.credits)} credits\n`));
      return cliExitCodes.done.code;
    }),
  );
}
