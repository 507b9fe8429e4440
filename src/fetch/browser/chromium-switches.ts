/** A feature list replaces the one that Playwright gives, so its entries that matter here stand first. */
const DISABLED_FEATURES = [
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsUpgrades', // an http: URL is fetched as it is
  'HttpsFirstBalancedModeAutoEnable',
  'LensOverlay',
  'MediaRouter',
  'PaintHolding',
  'AvoidCorsURLLoaderRestartOnRedirect', // aborts redirects while requests are intercepted (playwright#43242)
  'OptimizationHints',
  'NetworkTimeServiceQuerying',
  'AimEnabled',
  'PreconnectToSearch',
  'Translate',
  'AutofillServerCommunication',
  'CertificateTransparencyComponentUpdater',
  'InterestFeedContentSuggestions',
  'SpeculationRulesPrefetchProxy', // a tunnel of its own, past the egress proxy
  'Prerender2', // would load pages that nobody asked for
  // The pop-ups of an address bar that nobody sees: one more process for each context, which doubled the cost of a page (measured, 156).
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'WebUIOmniboxFullPopup',
  // All frames of a page in one process: one debugging session sees, counts and disguises all of them, and a page costs half the memory.
  // Each job has a browser context of its own, and contexts never share a process.
  'IsolateOrigins',
  'site-per-process',
  'IsolateSandboxedIframes',
  'OriginKeyedProcessesByDefault',
];

/** What Playwright adds and is not wanted here: with it, a page opens as many windows as it likes. */
export const UNWANTED_DEFAULT_SWITCHES: readonly string[] = ['--disable-popup-blocking'];

/** @param userAgent for what belongs to no page, such as shared workers; pages get theirs one by one */
export function chromiumSwitches(userAgent: string): readonly string[] {
  return [
    // Nothing leaves but through the egress proxy of a context: the browser itself can resolve no name, not even an address literal,
    // speaks no UDP, and what belongs to no context (updates, telemetry) is sent to a port where nobody listens.
    '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
    '--proxy-server=http://127.0.0.1:9',
    '--proxy-bypass-list=<-loopback>',
    '--disable-quic',
    '--force-webrtc-ip-handling-policy',
    '--webrtc-ip-handling-policy=disable_non_proxied_udp',
    '--dns-prefetch-disable',
    '--no-pings',
    '--disable-background-networking',
    '--disable-client-side-phishing-detection',
    '--disable-component-update',
    '--disable-domain-reliability',
    '--disable-sync',
    `--disable-features=${DISABLED_FEATURES.join(',')}`,
    '--disable-site-isolation-trials',
    '--disable-blink-features=AutomationControlled', // navigator.webdriver
    `--user-agent=${userAgent}`,
    '--lang=en-US',
    '--accept-lang=en-US,en',
    '--deny-permission-prompts',
    '--mute-audio',
    '--disable-gpu',
    '--js-flags=--max-old-space-size=1024', // MB of script objects in one page
  ];
}
