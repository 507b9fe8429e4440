import { maySystemKnow, readSystemSources } from '../../../src/net/dns/system-sources';

function sourcesOf(nsswitch: string | undefined, resolvConf?: string) {
  const files: Readonly<Record<string, string | undefined>> = {
    '/etc/nsswitch.conf': nsswitch,
    '/etc/resolv.conf': resolvConf,
  };
  return readSystemSources((path) => {
    const content = files[path];
    if (content === undefined) throw new Error(`no ${path}`);
    return content;
  }, 'linux');
}

describe('sources besides the hosts file and the DNS', () => {
  test.each([
    ['no file, as on Alpine', undefined],
    ['no line for hosts', 'passwd: files ldap\n'],
    ['the usual ones', 'passwd: files ldap\nhosts:          files dns\n'],
    ['mDNS, which knows .local only', 'hosts: files mdns4_minimal [NOTFOUND=return] dns mymachines myhostname\n'],
    ['a comment', 'hosts: files dns # resolve was here\n#hosts: ldap\n'],
    ['an indented line', '  hosts:\tfiles\tdns'],
  ])('are none with %s', (_what, nsswitch) => {
    expect(sourcesOf(nsswitch).hasOthers).toBe(false);
  });

  test.each([
    ['systemd-resolved', 'hosts: mymachines resolve [!UNAVAIL=return] files myhostname dns\n'],
    ['LDAP', 'hosts: files dns ldap\n'],
    ['a Windows domain', 'hosts: files wins dns'],
    ['a VPN', 'hosts: files libvirt libvirt_guest dns'],
  ])('are there with %s', (_what, nsswitch) => {
    expect(sourcesOf(nsswitch).hasOthers).toBe(true);
  });

  test.each(['darwin', 'win32'] as const)('are always there on %s', (platform) => {
    expect(readSystemSources(() => '', platform).hasOthers).toBe(true);
  });

  test('are there where a name server has a zone, which only the system can ask', () => {
    expect(sourcesOf('hosts: files dns', 'nameserver fe80::1%eth0\n').hasOthers).toBe(true);
    expect(sourcesOf('hosts: files dns', '# fe80::1%eth0\nnameserver fd00::1\n').hasOthers).toBe(false);
  });
});

test.each([
  ['no file', undefined, 0],
  ['no search domains', 'nameserver 1.1.1.1\noptions ndots:5\n', 0],
  ['the root as the only one', 'search .\n', 0],
  ['comments', '#search corp.example\n; search corp.example\n', 0],
  ['search domains', 'search corp.example example.org\n', 1],
  ['a domain', 'domain corp.example\n', 1],
  [
    'Kubernetes',
    'search default.svc.cluster.local svc.cluster.local cluster.local\nnameserver 10.96.0.10\noptions ndots:5\n',
    5,
  ],
  ['several options in a line', 'search corp.example\noptions timeout:1 ndots:2 rotate\n', 2],
  ['several lines, of which the last counts', 'search .\nsearch corp.example\noptions ndots:2\noptions ndots:3\n', 3],
  ['a last line that takes the domains back', 'search corp.example\nsearch .\n', 0],
  ['tabs', 'search\tcorp.example\noptions\tndots:4', 4],
])('names with fewer dots are looked for in the search domains: %s', (_what, resolvConf, dots) => {
  expect(sourcesOf('hosts: files dns', resolvConf).searchedDots).toBe(dots);
});

test.each([
  ['printer.local', false, 0, true],
  ['printer.local', true, 0, true],
  ['intranet', false, 0, true],
  ['intranet', true, 0, false],
  ['intranet', true, 5, false],
  ['svc.team', false, 5, true],
  ['svc.team', true, 5, false],
  ['a.b.c.d.e.f', false, 5, false],
  ['example.com', false, 1, false],
])('%s (absolute: %s) with ndots %s may be known to the system: %s', (name, isAbsolute, searchedDots, expected) => {
  expect(maySystemKnow(name, isAbsolute, { hasOthers: false, searchedDots })).toBe(expected);
});
