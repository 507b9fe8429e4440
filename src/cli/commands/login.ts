import type { Command } from 'commander';
import { Everfetch } from '../../client/index';
import { usageError } from '../cli-error';
import { addCommand, groups } from '../command';
import type { Run } from '../command';
import { configFilePath, saveLogin } from '../config-file';
import type { CliContext } from '../context';
import { cliExitCodes } from '../exit-codes';
import { readSecret } from '../read-secret';

export function addLogin(program: Command, run: Run): void {
  const command = addCommand(program, {
    name: 'login',
    group: groups.account,
    summary: 'check an API key and keep it for all further commands',
    more: `The key is asked for without showing it, or read from stdin. It is kept in a file that only you can read, together with the
address, and sent nowhere else.`,
    examples: [
      'everfetch login',
      'everfetch login --url https://fetch.example',
      'pass show everfetch | everfetch login --url https://fetch.example',
    ],
  }).action(() => run(command, login));
}

async function login(context: CliContext): Promise<number> {
  const { env, isJson, printJson, say, signal, connection } = context;
  const { url } = connection;
  const given = (context.givenKey ?? (await readSecret(context, `API key for ${url}: `))).trim();
  if (given === '') throw usageError('no key was given.');
  if (!/^[\x21-\x7e]+$/.test(given))
    throw usageError('that is no API key: a key has neither spaces nor special characters.');
  const account = await new Everfetch({ url, apiKey: given }).account({ signal });
  const path = configFilePath(env);
  saveLogin(path, { url, apiKey: given });
  if (isJson) await printJson({ url, file: path, account });
  else say(`logged in to ${url}; the key is in ${path}.`);
  return cliExitCodes.done.code;
}
