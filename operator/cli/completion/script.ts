import type { CliContext } from "../context.ts";

/** An empty last word must arrive as one, and words that look like flags are not for `__complete`: hence `--`. */
const SCRIPTS = {
  bash: `_noteferry() {
  local IFS=$'\\n' word=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=($(noteferry __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  [ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$word"))
}
complete -o filenames -F _noteferry noteferry
`,
  zsh: `_noteferry() {
  local -a found
  found=("\${(@f)$(noteferry __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${found[*]}" ]]; then compadd -- "\${found[@]}"; else _files; fi
}
compdef _noteferry noteferry
`,
} as const;

export function runCompletion(this: CliContext, _flags: NonNullable<unknown>, shell: "bash" | "zsh"): void {
  this.process.stdout.write(SCRIPTS[shell]);
}
