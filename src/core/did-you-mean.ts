/**
 * The end of a message about an unknown name: `; did you mean 'seed'?` where a known one is near, else
 * `; there are seed, epochs`. Empty when nothing is known.
 */
export function didYouMean(wrong: string, known: Iterable<string>): string {
  const names = [...known]
  const nearest = nearestName(wrong, names)
  if (nearest !== undefined) return `; did you mean '${nearest}'?`
  return names.length > 0 ? `; there are ${names.join(', ')}` : ''
}

/** The name nearest to `wanted` by edit distance; undefined when nothing is near. */
export function nearestName(wanted: string, names: Iterable<string>): string | undefined {
  let best: string | undefined
  let bestDistance = Math.max(2, Math.floor(wanted.length / 2)) + 1
  for (const name of names) {
    const distance = editDistance(wanted.toLowerCase(), name.toLowerCase())
    if (distance < bestDistance) {
      best = name
      bestDistance = distance
    }
  }
  return best
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      current.push(Math.min(substitution, previous[j]! + 1, current[j - 1]! + 1))
    }
    previous = current
  }
  return previous[b.length]!
}
