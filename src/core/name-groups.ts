/**
 * Dotted names, shortened: `fusion.* (38)` stands for 38 of the names and for none of `others`. A name that is alone
 * under its prefix stands for itself.
 */
export function nameGroups(names: Iterable<string>, others: Iterable<string>): string[] {
  const foreign = new Set([...others].flatMap(prefixesOf))
  const groups = new Map<string, string[]>()
  for (const name of names) {
    const prefix = prefixesOf(name).find((candidate) => !foreign.has(candidate)) ?? name
    groups.set(prefix, [...(groups.get(prefix) ?? []), name])
  }
  return Array.from(groups, ([prefix, members]) =>
    members.length === 1 ? members[0]! : `${prefix}.* (${members.length})`,
  )
}

/** `a`, `a.b` of `a.b.c`. */
const prefixesOf = (name: string): string[] =>
  name
    .split('.')
    .map((_, i, parts) => parts.slice(0, i + 1).join('.'))
    .slice(0, -1)
