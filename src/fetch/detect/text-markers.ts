import { botProtectionMarkers } from './bot-protection-markers';
import { firewallMarkers } from './firewall-markers';
import { AS_SERVED, CRAWL4AI } from './block-markers';
import type { TextMarker } from './block-markers';

/**
 * Wording and markup of block pages as they are served. Repetitions are bounded, because the text is the target's and may be made to be slow.
 * Compared with the tables of crawl4ai and Crawlee; what those list but good pages also
 * carry (a vendor's monitoring script, its cookies, its error numbers) only counts in a narrower scope here.
 * The first that matches decides, so those that only one vendor writes stand before what several do.
 */
export const textMarkers: readonly TextMarker[] = [
  ...botProtectionMarkers,
  ...firewallMarkers,
  // Also the words of others, so after those that are named above.
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
