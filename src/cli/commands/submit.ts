import { Option } from 'commander';
import type { Command } from 'commander';
import { addCommand, groups } from '../command';
import type { Run } from '../command';
import { inputFormats } from '../input/read-input';
import type { InputFormat } from '../input/read-input';
import { addApiOptions, apiParamsOf, fieldsOf } from '../options/add-api-options';
import { batchOptions, commonOptions, fetchOptions, requestOptions } from '../options/api-options';
import { runSubmit } from '../submit/run-submit';

interface Given {
  readonly file?: string;
  readonly format?: InputFormat;
  readonly column?: string;
  readonly wait?: boolean;
  readonly out?: string;
}

export function addSubmit(program: Command, run: Run): void {
  const command = addCommand(program, {
    name: 'submit [urls...]',
    group: groups.submit,
    summary: 'submit URLs as a batch, wait for them, write their results',
    more: `URLs come from the command line, a file, or stdin (-). Prints the id of the batch; more than 50,000 URLs become several.
--out writes results as they come and goes on where it stopped: the same command again submits and writes nothing twice.
What it notes for that is in OUT.everfetch.json.`,
    examples: [
      'everfetch submit https://example.com/ --wait',
      'everfetch submit -f urls.txt --render --out pages/',
      'everfetch submit -f shop.csv --column link --name nightly --tag shop --out results.ndjson',
      'cat urls.txt | everfetch submit - --max-credits 5000 --out pages.warc.gz',
    ],
  })
    .option('-f, --file <path>', 'file with URLs: .txt, .ndjson or .csv')
    .addOption(new Option('--format <format>', 'what the file is, if its name does not say it').choices(inputFormats))
    .option('--column <name>', 'column of the CSV file that holds the URLs (default: url)')
    .option('-w, --wait', 'wait until all URLs have ended')
    .option('-o, --out <path>', 'write results to a .ndjson file, a folder/ or a .warc.gz file; waits');
  addApiOptions(command, 'Of the batch:', batchOptions);
  addApiOptions(command, 'Of its jobs:', [...commonOptions, ...requestOptions]);
  addApiOptions(command, 'Of the fetch:', fetchOptions);
  command.action((urls: string[]) =>
    run(command, (context) => {
      const { file, format, column, wait = false, out } = command.opts<Given>();
      const defaults = fieldsOf(command, requestOptions);
      const apiParams = apiParamsOf(command, defaults);
      const fields = { ...fieldsOf(command, batchOptions), ...fieldsOf(command, commonOptions), apiParams };
      return runSubmit(context, { urls, file, format, column, wait, out, fields, defaults });
    }),
  );
}
