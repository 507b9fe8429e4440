import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { endProcess, findProcess } from '../../src/embedded/running-process';
import { assertPortFree, findFreePort } from '../../src/embedded/ports';
import { waitFor } from '../support/wait-for';

/** Its first thread ends at SIGINT; another one keeps the port a while longer, as the many threads of a Go program may. */
const LISTENER = `
import ctypes, os, signal, socket, sys, threading, time
server = socket.socket()
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind(('127.0.0.1', int(sys.argv[1])))
server.listen()
def leave(*_):
    threading.Thread(target=lambda: (time.sleep(1), os._exit(0))).start()
    ctypes.CDLL(None).pthread_exit(None)
signal.signal(signal.SIGINT, leave)
print('listening', flush=True)
while True: time.sleep(60)
`;

async function startListener(port: number) {
  const child = spawn('python3', ['-c', LISTENER, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(createInterface(child.stdout), 'line');
  return { child, pid: child.pid ?? 0 };
}

/** Only `/proc` tells a process whose first thread has ended from one that has ended whole. */
const onLinux = process.platform === 'linux' ? test : test.skip;

const isOurs = ({ command }: { readonly command: string }) => command.includes('SO_REUSEADDR');

onLinux('a server counts as ended once its last thread is, so that its port is free', async () => {
  const port = await findFreePort();
  const { pid } = await startListener(port);
  await endProcess(pid, isOurs, 30_000);
  await assertPortFree(port, '127.0.0.1', 'PORT');
  expect(findProcess(pid)).toBeUndefined();
});

onLinux('a server that is ending already, and has no command line any more, is waited for', async () => {
  const port = await findFreePort();
  const { pid } = await startListener(port);
  process.kill(pid, 'SIGINT');
  await waitFor(() => findProcess(pid)?.command === '', { message: 'the end of the first thread' });
  await endProcess(pid, isOurs, 30_000);
  await assertPortFree(port, '127.0.0.1', 'PORT');
});

test('a process that is not ours gets no signal', async () => {
  const { child, pid } = await startListener(await findFreePort());
  await endProcess(pid, ({ command }) => command.includes(' start-dev '), 30_000);
  expect(findProcess(pid)?.command).toContain('SO_REUSEADDR');
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(findProcess(pid)).toBeUndefined();
});
