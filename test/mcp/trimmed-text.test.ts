import { trimmedText } from '../../src/mcp/trimmed-text';

test('a text that fits is given whole, and one that does not says where it goes on', () => {
  expect(trimmedText('abcdef', { maxChars: 6, offset: 0 })).toEqual({ text: 'abcdef', nextOffset: undefined });
  expect(trimmedText('abcdef', { maxChars: 4, offset: 0 })).toEqual({ text: 'abcd', nextOffset: 4 });
  expect(trimmedText('abcdef', { maxChars: 4, offset: 4 })).toEqual({ text: 'ef', nextOffset: undefined });
  expect(trimmedText('abcdef', { maxChars: 4, offset: 9 })).toEqual({ text: '', nextOffset: undefined });
});

test('no character is cut in two, wherever the limit is', () => {
  const whole = 'a😀b😀😀é'.repeat(3);
  for (const maxChars of [2, 3, 4, 5]) {
    const parts: string[] = [];
    for (let offset: number | undefined = 0; offset !== undefined;) {
      const { text, nextOffset } = trimmedText(whole, { maxChars, offset });
      parts.push(text);
      offset = nextOffset;
    }
    expect(parts.join('')).toBe(whole);
    for (const part of parts) expect(part).not.toMatch(/^[\udc00-\udfff]|[\ud800-\udbff]$/);
  }
});
