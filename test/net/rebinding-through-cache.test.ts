import { Agent, request } from 'undici';
import { createGuard } from '../../src/net/guard';
import type { AnswerQuestion } from '../support/name-server';
import { startOrigin } from '../support/origin';
import { closeNameServers, openResolver } from './dns/resolver-fixture';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await closeNameServers();
});

// 127.0.0.1, opened by the owner, stands in for a public address; 127.0.0.2 is what the attacker is after.
const PUBLIC = '127.0.0.1';
const PRIVATE = '127.0.0.2';

/** A client whose guard asks a resolver that keeps answers, and a server on every address of loopback that tells which of them was dialled. */
async function setUp(answer: AnswerQuestion) {
  const { resolver, server, pass } = await openResolver(answer);
  const dialled: string[] = [];
  const origin = await startOrigin((req, res) => {
    dialled.push(req.socket.localAddress ?? '');
    res.setHeader('connection', 'close').end();
  }, '0.0.0.0');
  const clientOf = (allow: readonly string[]) => {
    const { lookup } = createGuard(allow, { resolve: resolver.lookup });
    const agent = new Agent({ connect: { lookup } });
    closing.push(() => agent.destroy());
    return async () => {
      try {
        const { statusCode, body } = await request(`http://rebind.test:${origin.port}/`, { dispatcher: agent });
        await body.dump();
        return String(statusCode);
      } catch (error) {
        return (error as Error).name;
      }
    };
  };
  return { server, dialled, pass, clientOf, get: clientOf([PUBLIC]) };
}

test('a name that becomes private is refused once its kept answer is over, and not dialled there before', async () => {
  const { get, pass, dialled, server } = await setUp((_name, asked) => ({
    addresses: [asked === 1 ? PUBLIC : PRIVATE],
    ttl: 60,
  }));
  expect(await get()).toBe('200');
  pass(59_999);
  expect(await get()).toBe('200');
  pass(1);
  expect(await get()).toBe('ForbiddenTargetError');
  expect(await get()).toBe('ForbiddenTargetError');
  expect(dialled).toEqual([PUBLIC, PUBLIC]);
  expect(server.questions.filter(({ type }) => type === 'A')).toHaveLength(2);
});

test('a name that may not be kept and changes with every answer is dialled only where it was checked', async () => {
  const { get, pass, dialled } = await setUp((_name, asked) => ({
    addresses: [asked % 2 === 1 ? PUBLIC : PRIVATE],
    ttl: 0,
  }));
  const results: string[] = [];
  for (let attempt = 0; attempt < 6; attempt += 1) {
    results.push(await get(), await get()); // both within the second for which every answer is kept
    pass(1_000);
  }
  expect(results).toEqual(Array(3).fill(['200', '200', 'ForbiddenTargetError', 'ForbiddenTargetError']).flat());
  expect(new Set(dialled)).toEqual(new Set([PUBLIC]));
});

test('a kept answer is checked again by whoever uses it', async () => {
  const { get, clientOf, dialled, server } = await setUp(() => ({ addresses: [PUBLIC], ttl: 60 }));
  const ofAnotherOwner = clientOf([]);
  expect(await get()).toBe('200');
  expect(await ofAnotherOwner()).toBe('ForbiddenTargetError');
  expect(await get()).toBe('200');
  expect(dialled).toHaveLength(2);
  expect(server.questions).toHaveLength(2);
});

test('a kept answer with a private address among public ones is refused each time', async () => {
  const { clientOf, dialled } = await setUp(() => ({ addresses: ['93.184.216.34', PRIVATE], ttl: 60 }));
  const get = clientOf([]);
  expect([await get(), await get()]).toEqual(['ForbiddenTargetError', 'ForbiddenTargetError']);
  expect(dialled).toEqual([]);
});

test('a name that was private is reached once it is public and the kept answer is over', async () => {
  const { get, pass } = await setUp((_name, asked) => ({ addresses: [asked === 1 ? PRIVATE : PUBLIC], ttl: 10 }));
  expect(await get()).toBe('ForbiddenTargetError');
  pass(10_000);
  expect(await get()).toBe('200');
});
