/** The lines of a text that comes in parts, without their ends. What stands behind the last end of a line is not whole, and left out. */
export async function* linesOf(parts: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  // The parts of a long line are joined once, when its end has come.
  let begun: string[] = [];
  for await (const part of parts) {
    const pieces = decoder.decode(part, { stream: true }).split('\n');
    const rest = pieces.pop() ?? '';
    for (const piece of pieces) {
      yield [...begun, piece].join('').replace(/\r$/, '');
      begun = [];
    }
    if (rest !== '') begun.push(rest);
  }
}
