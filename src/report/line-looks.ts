/** Colours that differ on white and on near-black, and for most colour-blind readers. */
const colors = ['#4c8df6', '#e8710a', '#12a37f', '#c65fd0', '#b58900', '#e5484d'] as const
/** Dashes and gaps, for those who cannot tell the colours apart. */
const dashes = [
  [1, 0],
  [7, 3],
  [2, 3],
  [10, 3, 2, 3],
  [4, 2],
  [12, 5],
] as const

/** Colour of the `i`-th line, or group of lines, of a plot. */
export const lineColor = (i: number): string => colors[i % colors.length]!

/** Dashes of the `i`-th group; once the colours repeat, each comes with dashes that it has not had. */
const lineDashes = (i: number): readonly number[] =>
  dashes[(i + Math.floor(i / colors.length)) % dashes.length]!

/**
 * Looks of the lines of a plot, as a part of its encoding: a colour for each name, and dashes where lines form groups.
 * @param names All names, in the order of the colours. @param drawn Names that have a line, which the legend shows.
 */
export function lineLooks(names: readonly string[], drawn: readonly string[], isGrouped: boolean) {
  const shown = names.filter((name) => drawn.includes(name))
  const columns = legendColumns(shown)
  const legend =
    names.length > 1
      ? { orient: 'top' as const, symbolSize: isGrouped ? 700 : 100, columns, values: shown }
      : null
  const byGroup = { field: 'group', type: 'nominal' as const, title: null, legend }
  return {
    color: { ...byGroup, scale: { domain: [...names], range: names.map((_, i) => lineColor(i)) } },
    ...(isGrouped && {
      detail: { field: 'series', type: 'nominal' as const },
      strokeDash: {
        ...byGroup,
        scale: { domain: [...names], range: names.map((_, i) => [...lineDashes(i)]) },
      },
    }),
  }
}

/** Number of columns: names stand side by side if they are short, else beneath each other. */
const legendColumns = (names: readonly string[]): number => (names.join('').length < 40 ? names.length : 1)
