/** Prints warnings of Node and of packages in one line each, as operators expect at a start. Node itself prints several. */
export function showWarningsInOneLine(): void {
  process.removeAllListeners('warning'); // Node itself prints them by a listener, too
  process.on('warning', ({ name, message }) => {
    process.stderr.write(`everfetch: ${name}: ${message.replaceAll(/\s+/g, ' ').trim()}\n`);
  });
}
