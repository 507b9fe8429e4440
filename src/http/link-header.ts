export interface Link {
  readonly target: string;
  /** The relation types, in lower case. */
  readonly relations: readonly string[];
}

/** Characters of the value that are read; servers send far fewer. */
const MAX_LENGTH = 16_384;
const MAX_LINKS = 100;

const TARGET = /[\s,]*<([^<>]*)>/y;
const PARAMETER = /\s*;\s*([^\s=;,"]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]*)))?/y;

/**
 * Links of `Link` headers (RFC 8288 §3) that are about the page itself; one with an `anchor` is about another resource. At the first
 * error in the syntax, the links before it are returned.
 */
export function linksOf(values: readonly string[]): readonly Link[] {
  const text = values.join(',').slice(0, MAX_LENGTH);
  const links: Link[] = [];
  let at = 0;
  for (let found = 0; found < MAX_LINKS; found += 1) {
    const target = matchAt(TARGET, text, at);
    if (target === null) break;
    at = TARGET.lastIndex;
    let relations: string | undefined;
    let isAnchored = false;
    for (let each = matchAt(PARAMETER, text, at); each !== null; each = matchAt(PARAMETER, text, at)) {
      at = PARAMETER.lastIndex;
      const [, name = '', quoted, plain = ''] = each;
      // The first `rel` counts (RFC 8288 §3.3).
      if (name.toLowerCase() === 'rel') relations ??= quoted?.replace(/\\(.)/g, '$1') ?? plain;
      if (name.toLowerCase() === 'anchor') isAnchored = true;
    }
    const named = relations?.toLowerCase().split(/\s+/).filter(Boolean) ?? [];
    if (!isAnchored && named.length > 0) links.push({ target: (target[1] ?? '').trim(), relations: named });
  }
  return links;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
