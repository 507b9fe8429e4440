import { setTimeout as sleep } from 'node:timers/promises';
import { isGrpcServiceError } from '@temporalio/client';
import type { ConnectionLike } from '@temporalio/client';
import { searchAttributeNames } from '../jobs/search-attributes';

const CALL_TIMEOUT_MS = 5_000;
/** Shorter, because a start waits for the answer (ms). */
const QUERY_TIMEOUT_MS = 2_000;
/** How long the frontend may take until it knows what has been added (ms): it reads its namespaces every few seconds. */
const KNOWN_WITHIN_MS = 15_000;
const LOOK_EVERY_MS = 200;

const NAMES = Object.values(searchAttributeNames);
/** `INDEXED_VALUE_TYPE_KEYWORD` */
const KEYWORD = 2;
const INVALID_ARGUMENT = 3;

/** Whether the server has refused a call because of its content. */
export const isInvalidArgument = (error: unknown): error is Error =>
  isGrpcServiceError(error) && Number(error.code) === INVALID_ARGUMENT;

/** Searches by all of them, which the server refuses unless it would also take them in a start. */
export async function areAttributesKnown(connection: ConnectionLike, namespace: string): Promise<boolean> {
  const query = NAMES.map((name) => `${name} = ''`).join(' AND ');
  try {
    await connection.withDeadline(Date.now() + QUERY_TIMEOUT_MS, () =>
      connection.workflowService.countWorkflowExecutions({ namespace, query }),
    );
    return true;
  } catch (error) {
    if (isInvalidArgument(error)) return false;
    throw error;
  }
}

export interface AttributeSetup {
  readonly added: readonly string[];
  readonly wereThere: readonly string[];
  /** Those that exist with another type, which only their owner can change. Nothing was added then. */
  readonly ofOtherType: readonly string[];
  /** Whether the server takes them now; if not, it takes a moment longer. */
  readonly areKnown: boolean;
}

/**
 * Adds the search attributes that the namespace does not have yet. Doing it again changes nothing.
 * @throws errors of gRPC, as when the server does not allow it or has no room for more
 */
export async function setUpSearchAttributes(connection: ConnectionLike, namespace: string): Promise<AttributeSetup> {
  const { operatorService } = connection;
  const inTime = <T>(call: () => Promise<T>) => connection.withDeadline(Date.now() + CALL_TIMEOUT_MS, call);
  const { customAttributes } = await inTime(() => operatorService.listSearchAttributes({ namespace }));
  const wereThere = NAMES.filter((name) => customAttributes[name] !== undefined);
  const ofOtherType = wereThere.filter((name) => Number(customAttributes[name]) !== KEYWORD);
  const missing = NAMES.filter((name) => customAttributes[name] === undefined);
  if (ofOtherType.length > 0) return { added: [], wereThere, ofOtherType, areKnown: false };
  if (missing.length > 0) {
    const searchAttributes = Object.fromEntries(missing.map((name) => [name, KEYWORD]));
    await inTime(() => operatorService.addSearchAttributes({ namespace, searchAttributes }));
  }
  const until = performance.now() + KNOWN_WITHIN_MS;
  let areKnown = await areAttributesKnown(connection, namespace);
  while (!areKnown && performance.now() < until) {
    await sleep(LOOK_EVERY_MS);
    areKnown = await areAttributesKnown(connection, namespace);
  }
  return { added: missing, wereThere, ofOtherType, areKnown };
}
