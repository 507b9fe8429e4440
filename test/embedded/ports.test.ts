import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { PortTakenError, assertPortFree, findFreePort } from '../../src/embedded/ports';

test('a free port passes, below the range of outgoing connections', async () => {
  const port = await findFreePort();
  expect(port).toBeLessThan(32_768);
  await assertPortFree(port, '127.0.0.1', 'PORT');
});

test('a taken port is refused, naming port and variable', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    const refusal = assertPortFree(port, '127.0.0.1', 'EMBEDDED_POSTGRES_PORT');
    await expect(refusal).rejects.toThrow(PortTakenError);
    await expect(refusal).rejects.toThrow(
      `Port ${port} on 127.0.0.1 is taken by another program. Stop that program, or set EMBEDDED_POSTGRES_PORT to a free port.`,
    );
  } finally {
    server.close();
  }
});

test('an address that is not ours is told apart from a taken port', async () => {
  await expect(assertPortFree(8080, '192.0.2.1', 'PORT')).rejects.toMatchObject({
    name: 'UnusableAddressError',
    code: 'EADDRNOTAVAIL',
  });
});
