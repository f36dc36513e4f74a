import type { CliContext } from "../context.ts";

/**
 * An empty last word must arrive as one, and words that look like flags are not for `__complete`: hence `--`.
 *
 * Bash cuts words at colons and equals signs too, and puts the answer in place of the last piece: the pieces are joined for the question, and
 * what is before the last cut is taken off the answers. Quotes and backslashes are as typed: they are taken off for the question, and put on
 * for the answer; what cannot be written within quotes that were begun is not proposed. Files are proposed only where a file of the disk may be meant.
 */
const SCRIPTS = {
  bash: `_noteferry() {
  local line=\${COMP_LINE:0:COMP_POINT} words=() word rest last i quoted= cut= breaks= found each
  for ((i = 0; i <= COMP_CWORD; i++)); do
    rest=\${line#"\${line%%[![:space:]]*}"}
    word=\${COMP_WORDS[i]}
    ((i < COMP_CWORD)) || word=$rest
    if ((i > 0)) && [[ $rest == "$line" ]]; then words[\${#words[@]}-1]+=$word; else words+=("$word"); fi
    line=\${rest#"$word"}
  done
  for ((i = 1; i < \${#words[@]}; i++)); do
    case \${words[i]} in
      \\"*)
        quoted=\\" word=\${words[i]#?} word=\${word%\\"}
        for each in \\" \\$ \\\` \\\\; do word=\${word//"\\\\$each"/"$each"}; done
        ;;
      \\'*) quoted=\\' word=\${words[i]#?} word=\${word%\\'} ;;
      *) quoted= word=\${words[i]//\\\\/} ;;
    esac
    words[i]=$word
  done
  last=\${words[\${#words[@]}-1]}
  [[ $COMP_WORDBREAKS != *:* ]] || breaks=:
  [[ $COMP_WORDBREAKS != *=* ]] || breaks+==
  [[ -n $quoted || -z $breaks ]] || cut=\${last%"\${last##*[$breaks]}"}
  COMPREPLY=()
  while IFS= read -r found; do
    found=\${found#"$cut"}
    case $quoted in
      \\") [[ $found != *!* ]] || continue
        for each in \\\\ \\" \\$ \\\`; do found=\${found//"$each"/"\\\\$each"}; done ;;
      \\') [[ $found != *\\'* ]] || continue ;;
      *) printf -v found %q "$found" ;;
    esac
    COMPREPLY+=("$found")
  done < <(noteferry __complete -- "\${words[@]:1}" 2>/dev/null)
  if ((\${#COMPREPLY[@]} == 1)) && [[ \${COMPREPLY[0]} == *[/:] ]]; then compopt -o nospace 2>/dev/null; fi
  ((\${#COMPREPLY[@]} == 0)) || return 0
  case \${words[\${#words[@]}-2]} in
    --data) ;;
    --*) return 0 ;;
    *) [[ \${words[1]} == put ]] || return 0 ;;
  esac
  compopt -o filenames 2>/dev/null
  while IFS= read -r found; do COMPREPLY+=("$found"); done < <(compgen -f -- "$last")
}
complete -F _noteferry noteferry
`,
  zsh: `_noteferry() {
  local -a found
  found=("\${(@f)$(noteferry __complete -- "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}")
  if [[ -n "\${found[*]}" ]]; then
    compadd -S '' -- \${(M)found:#*[/:]}
    compadd -- \${found:#*[/:]}
  elif [[ $words[CURRENT-1] == --data || ( $words[2] == put && $words[CURRENT-1] != --* ) ]]; then
    _files
  fi
}
compdef _noteferry noteferry
`,
} as const;

export function runCompletion(this: CliContext, _flags: NonNullable<unknown>, shell: "bash" | "zsh"): void {
  this.process.stdout.write(SCRIPTS[shell]);
}
