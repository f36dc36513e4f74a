import { COMMANDS, HOST_COMMANDS } from "./setting.ts";
import { FLAGS } from "./settings.ts";

export const SHELLS = ["bash", "zsh"] as const;
export type Shell = (typeof SHELLS)[number];

/** A script to source: commands and flags are completed, and after a flag's `=` or a blank, files. */
export function completionScript(shell: Shell): string {
  const commands = [...Object.keys(COMMANDS), ...Object.keys(HOST_COMMANDS)].join(" ");
  const flags = [...FLAGS.keys()].map((flag) => `--${flag}`).join(" ");
  const bash = `# completion of noteferry-agent, to be sourced
_noteferry_agent() {
  local word="\${COMP_WORDS[COMP_CWORD]}"
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "${flags}" -- "$word"))
  elif (( COMP_CWORD == 1 )); then
    COMPREPLY=($(compgen -W "${commands}" -- "$word"))
  fi
}
complete -o default -o bashdefault -F _noteferry_agent noteferry-agent
`;
  return shell === "bash" ? bash : `autoload -U +X bashcompinit && bashcompinit\n${bash}`;
}
