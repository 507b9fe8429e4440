/** Warnings of Node and of packages as one line each, like everything else that an operator reads at a start; Node's own form takes many. */
export function showWarningsInOneLine(): void {
  process.removeAllListeners('warning'); // Node's own way to show them is a listener, too
  process.on('warning', ({ name, message }) => {
    process.stderr.write(`everfetch: ${name}: ${message.replaceAll(/\s+/g, ' ').trim()}\n`);
  });
}
