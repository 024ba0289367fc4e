import type { Completions } from './completions.ts'

/** A completion script for bash. Where it knows no word, bash completes files. */
export function bashCompletion(completions: readonly Completions[]): string {
  const paths = completions.filter(({ path }) => path.length > 0).map(({ path }) => `' ${path.join(' ')}'`)
  return `_visuomotor_words() {
  case "$1" in
${completions.flatMap(casesOf).join('\n')}
  esac
}
_visuomotor() {
  local current="\${COMP_WORDS[COMP_CWORD]}" path='' previous='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    previous="\${COMP_WORDS[i]}"
    case "$path $previous" in
      ${paths.join('|')}) path="$path $previous" ;;
    esac
  done
  local words="$(_visuomotor_words "$path $previous")"
  [[ "$previous" == --* && -n "$words" ]] || words="$(_visuomotor_words "$path")"
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _visuomotor visuomotor`
}

function casesOf({ path, commands, values, flags }: Completions): string[] {
  const place = path.map((word) => ` ${word}`).join('')
  const words = [...commands, ...flags].map(({ text }) => text)
  const line = (key: string, texts: readonly string[]) => `    '${key}') echo '${texts.join(' ')}' ;;`
  return [
    line(place, [...values, ...words]),
    ...flags
      .filter((flag) => flag.values.length > 0)
      .map((flag) => line(`${place} ${flag.text}`, flag.values)),
  ]
}
