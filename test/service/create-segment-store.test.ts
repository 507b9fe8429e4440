import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');
let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'everfetch-installed-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

/** The build in another place, with every dependency but the optional ones that begin with `without`. */
async function install(without: string): Promise<void> {
  await cp(join(root, 'dist'), join(home, 'dist'), { recursive: true });
  await mkdir(join(home, 'node_modules'));
  for (const name of await readdir(join(root, 'node_modules')))
    if (!name.startsWith(without)) await symlink(join(root, 'node_modules', name), join(home, 'node_modules', name));
}

/** Creates the store of an environment and shows the operations it has, or what was thrown. */
function createStore(env: Readonly<Record<string, string>>): string {
  const script = `
    const { loadConfig } = require('./dist/config/config.js');
    const { createSegmentStore } = require('./dist/service/create-segment-store.js');
    try {
      console.log(Object.keys(createSegmentStore(loadConfig(process.env))).join(' '));
      console.log('sdk loaded:', Object.keys(require.cache).some((path) => path.includes('@aws-sdk')));
    } catch (error) {
      console.log(error.name + ': ' + error.message);
    }`;
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { cwd: home, env, encoding: 'utf8' });
  return stdout || stderr;
}

const OPERATIONS = 'write read listHours listSegments removeHour erase check';

test('without the SDK for S3 pages are kept in files, and a bucket is an error that says what to do', async () => {
  await install('@aws-sdk');
  expect(createStore({})).toBe(`${OPERATIONS}\nsdk loaded: false\n`);
  expect(createStore({ S3_BUCKET: 'pages' })).toBe(
    'ConfigError: S3_BUCKET is set, but the optional package @aws-sdk/client-s3 is not installed: install it, or unset S3_BUCKET.\n',
  );
});

test('the SDK for S3 is loaded for a bucket only', async () => {
  await install('nothing of that name');
  expect(createStore({})).toBe(`${OPERATIONS}\nsdk loaded: false\n`);
  expect(createStore({ S3_BUCKET: 'pages' })).toBe(`${OPERATIONS}\nsdk loaded: true\n`);
});
