/**
 * Paths at which recipes differ, each with the value of every recipe as JSON; undefined where a recipe has none.
 * @param recipes The leaves of each recipe by their paths.
 */
export function recipeDifferences(
  recipes: readonly ReadonlyMap<string, unknown>[],
): (readonly [path: string, values: readonly (string | undefined)[]])[] {
  const paths = new Set(recipes.flatMap((leaves) => [...leaves.keys()]))
  return Array.from(paths, (path) => {
    const values = recipes.map((leaves) => (leaves.has(path) ? JSON.stringify(leaves.get(path)) : undefined))
    return [path, values] as const
  }).filter(([, values]) => new Set(values).size > 1)
}
