import { botProtectionMarkers } from './bot-protection-markers';
import { firewallMarkers } from './firewall-markers';
import { AS_SERVED, CRAWL4AI } from './block-markers';
import type { TextMarker } from './block-markers';

/**
 * Wording and markup of block pages as they are served. Repetitions are bounded, because a hostile target could make a pattern slow.
 * The table was compared with those of crawl4ai and Crawlee. What they list but good pages also have (a vendor's monitoring script, its
 * cookies, its error numbers) only counts in a narrower scope here.
 * The first that matches decides, so those that only one vendor writes stand before what several do.
 */
export const textMarkers: readonly TextMarker[] = [
  ...botProtectionMarkers,
  ...firewallMarkers,
  // Other vendors write this as well, so it stands after theirs.
  {
    vendor: 'cloudflare',
    signal: 'checking-your-browser',
    scope: 'on-thin',
    confidence: 'likely',
    source: CRAWL4AI,
    pattern: />\s*(Checking your browser before accessing|Enable JavaScript and cookies to continue)/i,
  },
  {
    vendor: 'generic',
    signal: 'human-check',
    scope: 'on-bare',
    confidence: 'likely',
    source: AS_SERVED,
    pattern:
      />\s*[^<>.]{0,80}\b(verify|confirm|prove)( that)? you( are|'re|’re) (a )?(human|not a (ro)?bot)|>\s*are you a robot\?|>[^<>]{0,80}unusual traffic from your (computer )?network/i,
  },
];
