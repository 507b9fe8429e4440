import type { Reach } from '../../src/net/reach';
import { untilReachable } from '../../src/service/until-reachable';

const READY: Reach = { kind: 'ready' };
const WAITING: Reach = { kind: 'waiting', why: 'nobody listens there' };

function server(...answers: readonly Reach[]) {
  let asked = 0;
  const probe = async (): Promise<Reach> => answers[Math.min(asked++, answers.length - 1)] ?? READY;
  return {
    what: 'PostgreSQL at db:5432/x (DATABASE_URL)',
    advice: 'start it, or set DATABASE_URL',
    probe,
    asked: () => asked,
  };
}

const patience = (limits: { limitMs?: number; sayEveryMs?: number } = {}) => {
  const lines: string[] = [];
  const halt = new AbortController();
  return { lines, halt, options: { say: (line: string) => void lines.push(line), signal: halt.signal, ...limits } };
};

test('a server that is there is asked once, and nothing is said', async () => {
  const wanted = server(READY);
  const { lines, options } = patience();
  await untilReachable(wanted, options);
  expect([wanted.asked(), lines]).toEqual([1, []]);
});

test('a server that comes later is waited for, and one line says for what', async () => {
  const { lines, options } = patience();
  await untilReachable(server(WAITING, WAITING, READY), options);
  expect(lines).toEqual(['waiting for PostgreSQL at db:5432/x (DATABASE_URL): nobody listens there (0 of 60 s)']);
});

test('while it lasts, the line comes again', async () => {
  const { lines, options } = patience({ sayEveryMs: 400 });
  await untilReachable(server(WAITING, WAITING, WAITING, READY), options);
  expect(lines).toHaveLength(3);
});

test('what waiting does not help ends at once, also after a while of waiting', async () => {
  const refused: Reach = { kind: 'refused', why: 'that database does not exist', advice: 'create it' };
  const wanted = server(WAITING, refused);
  await expect(untilReachable(wanted, patience().options)).rejects.toMatchObject({
    name: 'UnavailableError',
    message: 'PostgreSQL at db:5432/x (DATABASE_URL) cannot be used: that database does not exist; create it.',
  });
  expect(wanted.asked()).toBe(2);
});

test('after the limit it is given up, in a sentence', async () => {
  const { options } = patience({ limitMs: 1_200 });
  await expect(untilReachable(server(WAITING), options)).rejects.toMatchObject({
    name: 'UnavailableError',
    message: expect.stringMatching(
      /^PostgreSQL at db:5432\/x \(DATABASE_URL\) cannot be used: nobody listens there, and has not been usable for \d s; start it, or set DATABASE_URL\.$/,
    ),
  });
});

test('a limit of 0 asks once', async () => {
  const wanted = server(WAITING);
  await expect(untilReachable(wanted, patience({ limitMs: 0 }).options)).rejects.toThrow(
    /nobody listens there; start it/,
  );
  expect(wanted.asked()).toBe(1);
});

test.each([
  ['between two questions', server(WAITING)],
  ['while it is being asked', { ...server(), probe: () => new Promise<never>(() => undefined) }],
])('a request to stop %s ends the waiting', async (_name, wanted) => {
  const { halt, options } = patience();
  const waiting = untilReachable(wanted, options);
  halt.abort(new Error('asked to stop'));
  await expect(waiting).rejects.toThrow('asked to stop');
});
