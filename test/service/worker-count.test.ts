import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { defaultWorkers, readCpuQuota, thisMachine } from '../../src/service/worker-count';

const GB = 1024 ** 3;

test.each([
  { cores: 1, memory: 64 * GB, workers: 1 },
  { cores: 2, memory: 64 * GB, workers: 2 },
  { cores: 2, memory: 1.5 * GB, workers: 1 },
  { cores: 0.5, memory: 64 * GB, workers: 1 },
  { cores: 3.9, memory: 64 * GB, workers: 2 },
  { cores: 4, memory: 64 * GB, workers: 3 },
  { cores: 16, memory: 64 * GB, workers: 15 },
  { cores: 16, memory: 4.5 * GB, workers: 4 },
  { cores: 16, memory: 0.5 * GB, workers: 1 },
  { cores: 256, memory: 1_000 * GB, workers: 64 },
])('$cores cores and $memory bytes of memory are for $workers workers', ({ workers, ...machine }) => {
  expect(defaultWorkers(machine)).toBe(workers);
});

test('this machine has at least a part of a core and some memory', () => {
  const { cores, memory } = thisMachine();
  expect(cores).toBeGreaterThan(0);
  expect(Number.isFinite(cores)).toBe(true);
  expect(memory).toBeGreaterThan(1_000_000);
  expect(Number.isFinite(memory)).toBe(true);
});

describe('the quota of the control group', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'everfetch-cgroup-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const quotaWith = (files: Readonly<Record<string, string>>): number | undefined => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return readCpuQuota(root);
  };

  test.each([
    ['there are no control groups', {}, undefined],
    ['version 2, in a container', { 'proc/self/cgroup': '0::/\n', 'sys/fs/cgroup/cpu.max': '150000 100000\n' }, 1.5],
    ['version 2, no limit', { 'proc/self/cgroup': '0::/\n', 'sys/fs/cgroup/cpu.max': 'max 100000\n' }, undefined],
    [
      'version 2, the limit of a parent is lower',
      {
        'proc/self/cgroup': '0::/a.slice/b.scope\n',
        'sys/fs/cgroup/a.slice/cpu.max': '200000 100000\n',
        'sys/fs/cgroup/a.slice/b.scope/cpu.max': '400000 100000\n',
      },
      2,
    ],
    [
      'version 1',
      {
        'proc/self/cgroup': '4:memory:/x\n3:cpu,cpuacct:/x\n',
        'sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_quota_us': '300000\n',
        'sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_period_us': '100000\n',
      },
      3,
    ],
    [
      'version 1, in a container, where the path of the host does not exist',
      {
        'proc/self/cgroup': '1:cpu:/docker/0123\n0::/\n',
        'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '50000\n',
        'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      },
      0.5,
    ],
    [
      'version 1, no limit',
      {
        'proc/self/cgroup': '1:cpu:/\n',
        'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
        'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      },
      undefined,
    ],
  ] as const)('is read: %s', (_, files, quota) => {
    expect(quotaWith(files)).toBe(quota);
  });
});
