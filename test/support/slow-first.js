const Sequencer = require('@jest/test-sequencer').default;

/**
 * What takes longest, mostly by waiting, and so should not be what the end of a run waits for. Jest knows how long a file took
 * last time; where it has not seen them yet, as in CI, it begins with those of the most bytes.
 */
const SLOW = [
  /process.crash\.test/,
  /integration.sweep\.test/,
  /process\./,
  /api.schemathesis/,
  /dashboard.dashboard\.test/,
  /integration.(closed-workflows|reused-ids|refused-for-good)/,
  /integration.(politeness|sweep-history|webhook-history|single-job|fetching)/,
  /callbacks.delivery-shift/,
  /fetch.memory\.test/,
  /fetch.browser.(pages|lifecycle)/,
  /embedded./,
  /setup\.test/,
  /odd-servers.(connecting|fuzz|rendered-pages)/,
  /pages.(stream-page|json-body)\.test/,
  /convert.create-converter/,
  /integration./,
  /fetch.browser./,
];

const rank = ({ path }) => {
  const found = SLOW.findIndex((pattern) => pattern.test(path));
  return found === -1 ? SLOW.length : found;
};

module.exports = class SlowFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const isNew = ({ duration }) => duration === undefined;
    return [...sorted.filter(isNew).sort((a, b) => rank(a) - rank(b)), ...sorted.filter((test) => !isNew(test))];
  }
};
