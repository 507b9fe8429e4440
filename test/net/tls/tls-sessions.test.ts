import { TlsSessions } from '../../../src/net/tls/tls-sessions';

const session = (bytes = 2_000) => Buffer.alloc(bytes, 7);

test('keeps the newest session of a host', () => {
  const sessions = new TlsSessions();
  sessions.set('a.test:443', Buffer.from('old'));
  sessions.set('a.test:443', Buffer.from('new'));
  expect(sessions.get('a.test:443')?.toString()).toBe('new');
  expect(sessions.get('a.test:8443')).toBeUndefined();
});

test('keeps so many, and the host that was not visited for the longest goes first', () => {
  const sessions = new TlsSessions(2);
  sessions.set('a.test:443', session());
  sessions.set('b.test:443', session());
  sessions.get('a.test:443'); // A server of TLS 1.2 need not send a new ticket when a session is resumed.
  sessions.set('c.test:443', session());
  expect(['a', 'b', 'c'].filter((host) => sessions.get(`${host}.test:443`) !== undefined)).toEqual(['a', 'c']);
});

test('keeps no session that is larger than those of the web', () => {
  const sessions = new TlsSessions();
  sessions.set('a.test:443', session(16 * 1024 + 1));
  sessions.set('b.test:443', session(16 * 1024));
  expect(sessions.get('a.test:443')).toBeUndefined();
  expect(sessions.get('b.test:443')).toBeDefined();
});
