import { Argument } from 'commander';
import type { Command } from 'commander';
import { completionScript, shells } from '../completion/completion-script';
import type { Shell } from '../completion/completion-script';
import { addCommand, groups } from '../command';
import type { Run } from '../command';
import { cliExitCodes } from '../exit-codes';

export function addCompletion(program: Command, run: Run): void {
  const command = addCommand(program, {
    name: 'completion',
    group: groups.account,
    summary: 'print a script that completes commands and options in your shell',
    examples: [
      'source <(everfetch completion bash)        # in ~/.bashrc',
      'everfetch completion zsh > "${fpath[1]}/_everfetch"',
      'everfetch completion fish > ~/.config/fish/completions/everfetch.fish',
    ],
  })
    .addArgument(new Argument('<shell>', 'which shell').choices(shells))
    .action((shell: Shell) =>
      run(command, async ({ print }) => {
        await print(completionScript(program, shell));
        return cliExitCodes.done.code;
      }),
    );
}
