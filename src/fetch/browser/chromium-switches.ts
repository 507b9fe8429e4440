/** Features to disable. The switch replaces Playwright's own list, so the entries of that one that matter here come first. */
const DISABLED_FEATURES = [
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsUpgrades', // It would turn http: URLs into https:.
  'HttpsFirstBalancedModeAutoEnable',
  'LensOverlay',
  'MediaRouter',
  'PaintHolding',
  'AvoidCorsURLLoaderRestartOnRedirect', // It aborts redirects while requests are intercepted (playwright#43242).
  'OptimizationHints',
  'NetworkTimeServiceQuerying',
  'AimEnabled',
  'PreconnectToSearch',
  'Translate',
  'AutofillServerCommunication',
  'CertificateTransparencyComponentUpdater',
  'InterestFeedContentSuggestions',
  'SpeculationRulesPrefetchProxy', // It would use a tunnel of its own, past the egress proxy.
  'Prerender2', // It would load pages that nobody asked for.
  // Pop-ups of the address bar take one more process per context, which doubled the cost of a page (measured, 156).
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'WebUIOmniboxFullPopup',
  // Without site isolation all frames of a page are in one process: one debugging session sees, counts and disguises all of them, and a
  // page costs half the memory. Each job has its own browser context, and contexts never share a process.
  'IsolateOrigins',
  'site-per-process',
  'IsolateSandboxedIframes',
  'OriginKeyedProcessesByDefault',
];

/** Switches of Playwright to leave out: with this one, a page could open any number of windows. */
export const UNWANTED_DEFAULT_SWITCHES: readonly string[] = ['--disable-popup-blocking'];

/** Command line of the browser. @param userAgent user agent outside of pages, such as in shared workers; pages get theirs one by one */
export function chromiumSwitches(userAgent: string): readonly string[] {
  return [
    // All traffic leaves through the egress proxy of a context: the browser itself can resolve no name, not even an address literal,
    // speaks no UDP, and traffic outside of contexts (updates, telemetry) goes to a port where nobody listens.
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
    '--disable-blink-features=AutomationControlled', // It hides navigator.webdriver.
    `--user-agent=${userAgent}`,
    '--lang=en-US',
    '--accept-lang=en-US,en',
    '--deny-permission-prompts',
    '--mute-audio',
    '--disable-gpu',
    '--js-flags=--max-old-space-size=1024', // It limits the script objects of one page, in MB.
  ];
}
