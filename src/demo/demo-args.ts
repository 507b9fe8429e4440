import { parseArgs } from 'node:util';

export const usage = `Usage: everfetch demo [--keep] [--urls N]

  --keep     leave everything running after the summary, until Ctrl-C
  --urls N   URLs in the batch, 1 to 5000 (300)
`;

export type DemoArgs =
  | { readonly kind: 'run'; readonly urls: number; readonly shouldKeep: boolean }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly message: string };

/** What the command line asks for. */
export function parseDemoArgs(args: readonly string[]): DemoArgs {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        keep: { type: 'boolean' },
        urls: { type: 'string', default: '300' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help === true) return { kind: 'help' };
    const urls = Number(values.urls);
    if (!/^\d+$/.test(values.urls) || urls < 1 || urls > 5_000) {
      return { kind: 'wrong', message: `--urls must be a number from 1 to 5000, not ${values.urls}` };
    }
    return { kind: 'run', urls, shouldKeep: values.keep === true };
  } catch (error) {
    // parseArgs throws nothing but errors that name the option.
    return { kind: 'wrong', message: (error as Error).message };
  }
}
