/** Reasons by which trials and scenes of a rollout are counted, in words. */
const words: Readonly<Record<string, string>> = {
  'world/unreachable': 'out of the arm’s reach',
  'world/not-finite': 'the simulation broke',
  'world/nothing-meant': 'no such object',
  'world/ambiguous-command': 'several such objects',
  'world/wrong-setting': 'not possible there',
  'world/no-answer': 'hidden or out of reach',
}

/** The reason of a refusal in words, for people; programs read its code. */
export const refusalWords = (code: string): string =>
  words[code] ?? code.replace(/^.*\//, '').replaceAll('-', ' ')

/** Counts of refusals by code in words: `3 × no such object`. */
export const refusalCounts = (refusals: Readonly<Record<string, number>>): string[] =>
  Object.entries(refusals).map(([code, count]) => `${count} × ${refusalWords(code)}`)
