import type { Completions } from './completions.ts'

/** A completion script for fish. */
export const fishCompletion = (completions: readonly Completions[]): string =>
  completions.flatMap(linesOf).join('\n')

function linesOf({ path, commands, values, flags }: Completions): string[] {
  const names = commands.map(({ text }) => text).join(' ')
  const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`)
  const open =
    names && (path.length === 0 ? '__fish_use_subcommand' : `not __fish_seen_subcommand_from ${names}`)
  const where = `complete -c visuomotor -n ${quoted([...seen, ...(open ? [open] : [])].join('; and ') || 'true')}`
  return [
    ...commands.map(({ text, description }) => `${where} -f -a ${text} -d ${quoted(description)}`),
    ...(values.length > 0 ? [`${where} -a ${quoted(values.join(' '))}`] : []),
    ...flags.map(({ text, description, takesValue, values: choices }) => {
      const value = choices.length > 0 ? ` -x -a ${quoted(choices.join(' '))}` : takesValue ? ' -r' : ''
      return `${where} -l ${text.slice(2)}${value} -d ${quoted(description)}`
    }),
  ]
}

const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`
