/*
 * Loaded into the built service by safety.ts, before the service itself (`node --require`): takes away what protects it, to measure what that
 * costs. Production code has no switch for this, and so nothing in the environment of a service can be one.
 */
const dns = require('node:dns');
const { join } = require('node:path');

const DIST = join(__dirname, '..', 'dist');

/** Replaces exports, which importers look up at each call. One that is not there has moved, and would be measured as if it were off. */
function replace(module, replacements) {
  const exported = require(join(DIST, module));
  for (const [name, replacement] of Object.entries(replacements)) {
    if (typeof exported[name] !== 'function') throw new Error(`dist/${module} has no ${name}`);
    exported[name] = replacement;
    if (exported[name] !== replacement) throw new Error(`${name} of dist/${module} cannot be replaced`);
  }
}

class NoPacer {
  knownHosts = 0;
  listen() {}
  mayStart(_host, inFlight, usual) {
    return inFlight < usual;
  }
  start() {}
  delayOf() {}
  pass() {}
  note() {}
  setCrawlDelay() {}
  concurrencyOf(_host, usual) {
    return usual;
  }
  stop() {}
}

replace('net/guard.js', {
  createGuard: () => ({
    assertUrl: () => undefined,
    checkName: async () => undefined,
    isAllowed: () => true,
    lookup: dns.lookup,
  }),
});
replace('scheduling/pacing/pacer.js', { Pacer: NoPacer });
replace('http/codings/decode-content.js', {
  decodePrefix: async (body, _codings, { prefixBytes }) => body.subarray(0, prefixBytes),
});
replace('fetch/detect/detection-text.js', { detectionText: () => '' });
replace('fetch/detect/detect-block.js', { detectBlock: () => undefined });
