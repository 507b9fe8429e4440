/** Runs the script's `main`: everything that it started has been stopped when it ends, so nothing is left to wait for. */
export function runScript(main: () => Promise<void>): void {
  main().then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
}
