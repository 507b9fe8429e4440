import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { captchaWidgets, headerMarkers } from '../../../src/fetch/detect/block-markers';
import { textMarkers } from '../../../src/fetch/detect/text-markers';

const doc = readFileSync(join(__dirname, '../../../docs/blocks.md'), 'utf8');

test('docs/blocks.md has the markers of the code, in their order', () => {
  const scopeOf = (statusCodes: readonly number[] | undefined) =>
    statusCodes === undefined ? 'header' : `header (${statusCodes.join(', ')})`;
  const rows = [
    ...headerMarkers.map((marker) => ({ ...marker, scope: scopeOf(marker.statusCodes) })),
    ...textMarkers,
    ...captchaWidgets.map((widget) => ({ ...widget, vendor: 'generic', scope: 'widget', confidence: 'likely' })),
  ].map(
    ({ vendor, signal, scope, confidence, source }) =>
      `| ${vendor} | \`${signal}\` | ${scope} | ${confidence} | ${source} |`,
  );
  const [, table = ''] = doc.split('|---|---|---|---|---|\n');
  expect(table.split('\n\n')[0]?.split('\n')).toEqual(rows);
});

test('it says what each scope means', () => {
  for (const scope of new Set(['header', 'widget', ...textMarkers.map((marker) => marker.scope)]))
    expect(doc).toContain(`| \`${scope}\` |`);
});
