import { Connection, isGrpcServiceError } from '@temporalio/client';
import type { Config } from '../config/config';
import { searchAttributeNames } from '../jobs/search-attributes';
import { CannotError } from '../service/errors';
import { loadUsableConfig } from '../service/problems-of-use';
import { temporalAt } from '../service/servers-of';
import { untilReachable } from '../service/until-reachable';
import { setUpSearchAttributes } from '../temporal/search-attributes';
import type { AttributeSetup } from '../temporal/search-attributes';
import { exitCodes } from './exit-codes';

const USAGE = `Usage: everfetch temporal setup

Adds the search attributes of everfetch to the Temporal of TEMPORAL_ADDRESS (namespace TEMPORAL_NAMESPACE), so that the list in its Web
UI can be filtered by host, batch and API key. Doing it again changes nothing. The embedded Temporal has them without this.
`;

export interface TemporalOptions {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
}

/** Runs `everfetch temporal setup`. @returns the exit code */
export async function runTemporal({ args, env, stdout, stderr }: TemporalOptions): Promise<number> {
  const isHelp = args.length === 0 || args.some((word) => ['help', '--help', '-h'].includes(word));
  if (isHelp) {
    stdout.write(USAGE);
    return exitCodes.done;
  }
  if (args.length !== 1 || args[0] !== 'setup') {
    stderr.write(`everfetch temporal: ${JSON.stringify(args.join(' '))} is no command.\n\n${USAGE}`);
    return exitCodes.usage;
  }
  const { temporal } = await loadUsableConfig(env, { command: 'temporal' });
  stdout.write(reportOf(await setUp(temporal), temporal.namespace));
  return exitCodes.done;
}

async function setUp({ address, namespace }: Config['temporal']): Promise<AttributeSetup> {
  if (address === undefined)
    throw new CannotError(
      'TEMPORAL_ADDRESS is not set, and the embedded Temporal needs no setup: "everfetch start" does it.',
    );
  const wanted = temporalAt(address, namespace);
  await untilReachable(wanted, { say: () => undefined, signal: new AbortController().signal, limitMs: 0 });
  const connection = await Connection.connect({ address });
  try {
    return await setUpSearchAttributes(connection, namespace);
  } catch (error) {
    if (!isGrpcServiceError(error)) throw error;
    throw new CannotError(
      `${wanted.what} has not added the search attributes: ${error.details.replace(/\.+$/, '')}. Nothing was changed. Whoever runs it can add them: ${byHand(namespace)}`,
      { cause: error },
    );
  } finally {
    await connection.close();
  }
}

const NAMES = Object.values(searchAttributeNames);

/** The same by the program of Temporal. */
const byHand = (namespace: string): string =>
  `temporal operator search-attribute create --namespace ${namespace} ${NAMES.map((name) => `--name ${name} --type Keyword`).join(' ')}`;

function reportOf({ added, wereThere, ofOtherType, areKnown }: AttributeSetup, namespace: string): string {
  const named = (names: readonly string[]): string => names.join(', ');
  if (ofOtherType.length > 0)
    throw new CannotError(
      `the namespace "${namespace}" has ${named(ofOtherType)} with another type than Keyword. Nothing was changed. ` +
        `Remove them there (temporal operator search-attribute remove), and run this again.`,
    );
  const lines = [
    ...(added.length > 0 ? [`Added to the namespace "${namespace}": ${named(added)}.`] : []),
    ...(wereThere.length > 0 ? [`There already: ${named(wereThere)}.`] : []),
    areKnown
      ? 'What the service starts from now on carries them, within a minute.'
      : 'Temporal does not take them yet; it usually does within a minute.',
  ];
  return `${lines.join('\n')}\n`;
}
