/** One entry of a list as it was written. */
export interface ListedProxy {
  /** Where it stands, for messages. */
  readonly place: string;
  /** Empty when there is none. */
  readonly url: string;
  readonly options: Readonly<Partial<Record<OptionName, unknown>>>;
  /** What is wrong with the options. Quotes nothing: a blank or comma in a password makes any piece look like something else. */
  readonly problems: readonly string[];
}

const OPTION_NAMES = ['tier', 'country', 'weight'] as const;
type OptionName = (typeof OPTION_NAMES)[number];

const UNKNOWN_OPTION = `has something besides ${OPTION_NAMES.join(', ')} behind its URL`;

/** Takes a list apart, in either of its notations; undefined when it begins like JSON and is no array. */
export function readProxyList(text: string): readonly ListedProxy[] | undefined {
  return text.trimStart().startsWith('[') ? readJson(text) : readLines(text);
}

function readLines(text: string): readonly ListedProxy[] {
  return text.split(/\r\n|\r|\n/).flatMap((line, index) => {
    const pieces = line.replace(/(^|\s)#.*$/, '').split(',');
    return pieces.flatMap((piece, order) => {
      const [url = '', ...words] = piece.trim().split(/\s+/);
      if (url === '') return [];
      const place = pieces.length === 1 ? `line ${index + 1}` : `line ${index + 1}, entry ${order + 1},`;
      return [{ place, url, ...readWords(words) }];
    });
  });
}

function readWords(words: readonly string[]): Pick<ListedProxy, 'options' | 'problems'> {
  const options: Partial<Record<OptionName, string>> = {};
  const problems: string[] = [];
  for (const word of words) {
    const [, key, value = ''] = /^(\w+)=(.*)$/.exec(word) ?? [];
    const name = OPTION_NAMES.find((each) => each === key);
    if (name === undefined) problems.push(UNKNOWN_OPTION);
    else if (options[name] !== undefined) problems.push(`has ${name} twice`);
    else options[name] = value;
  }
  return { options, problems };
}

function readJson(text: string): readonly ListedProxy[] | undefined {
  const parsed = parseJson(text);
  if (!Array.isArray(parsed)) return undefined;
  return parsed.map((item: unknown, index) => {
    const fields: Readonly<Record<string, unknown>> = typeof item === 'object' && item !== null ? { ...item } : {};
    const { url, ...options } = fields;
    const isKnown = Object.keys(options).every((key) => OPTION_NAMES.some((name) => name === key));
    const problems = isKnown ? [] : [UNKNOWN_OPTION];
    return { place: `entry ${index + 1}`, url: typeof url === 'string' ? url : '', options, problems };
  });
}

/** What JSON.parse throws quotes the text. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.trim());
  } catch {
    return undefined;
  }
}
