import { type Html, html } from './html.ts'
import { axisOf, coordinate } from './study-front.ts'
import { objectiveText, objectiveTitle, type ShownTrial, shortValue } from './study-table.ts'

/** A vertical line of the plot: a parameter or an objective. */
interface Upright {
  readonly title: string
  /** A second, fainter line of the title. */
  readonly above?: string
  /** Height of a trial; undefined where it has no value here. */
  at(trial: ShownTrial): number | undefined
  readonly marks: readonly { readonly y: number; readonly text: string }[]
}

/** Heights of the plot, and the distance of two uprights. */
const size = { top: 46, bottom: 312, height: 330, apart: 150, margin: 75 }

/**
 * Parallel coordinates: an upright for each parameter and objective, a line for each finished trial; those on the front
 * are drawn over the others. A line leaves out a parameter that its trial does not have.
 */
export function parallelPlot(
  trials: readonly ShownTrial[],
  paths: readonly string[],
  objectives: readonly string[],
  front: ReadonlySet<number>,
): Html {
  const shown = trials.filter(({ state }) => state === 'finished')
  const uprights = [
    ...paths.map((path) => ofPath(path, shown)),
    ...objectives.map((name) => ofObjective(name, shown)),
  ]
  const width = 2 * size.margin + (uprights.length - 1) * size.apart
  const ordered = shown.toSorted((a, b) => Number(front.has(a.number)) - Number(front.has(b.number)))
  return html`<div class="table"><svg viewBox="0 0 ${width} ${size.height}" width="${width}" height="${size.height}" role="img" aria-label="Values and objectives of the finished trials" font-size="12">
${ordered.map((trial) => lineOf(trial, uprights, front.has(trial.number)))}
${uprights.map((upright, i) => uprightOf(upright, size.margin + i * size.apart))}
</svg></div>
`
}

function lineOf(trial: ShownTrial, uprights: readonly Upright[], isOnFront: boolean): Html {
  const points = uprights.flatMap((upright, i) => {
    const y = upright.at(trial)
    return y === undefined ? [] : [`${size.margin + i * size.apart},${coordinate(y)}`]
  })
  const look = isOnFront
    ? html`stroke="var(--a)" stroke-width="2.5"`
    : html`stroke="currentColor" stroke-opacity="0.25" stroke-width="1.5"`
  return html`<polyline points="${points.join(' ')}" fill="none" ${look}><title>trial ${trial.number}</title></polyline>\n`
}

function uprightOf({ title, above, marks }: Upright, x: number): Html {
  return html`<line x1="${x}" x2="${x}" y1="${size.top}" y2="${size.bottom}" stroke="currentColor" stroke-opacity="0.5"/>
<text x="${x}" y="12" text-anchor="middle" fill="currentColor" fill-opacity="0.75">${above}</text>
<text x="${x}" y="28" text-anchor="middle" font-weight="600" fill="currentColor">${title}</text>
<g fill="currentColor" stroke="var(--paper)" stroke-width="3" paint-order="stroke">
${marks.map(({ y, text }) => html`<text x="${x + 6}" y="${coordinate(y)}" dy="0.35em">${text}</text>\n`)}</g>`
}

/** A parameter: numbers on a scale of their own, logarithmic where they span a hundredfold; other values in a row. */
function ofPath(path: string, trials: readonly ShownTrial[]): Upright {
  const [title, above] = path
    .split('.')
    .reverse()
    .map((key) => key.slice(-22))
  const named = { title: title!, ...(above !== undefined && { above }) }
  const values = trials.flatMap(({ values }) => (Object.hasOwn(values, path) ? [values[path]] : []))
  const numbers = values.filter((value) => typeof value === 'number')
  if (numbers.length === values.length && new Set(numbers).size > 1) {
    const isLog = Math.min(...numbers) > 0 && Math.max(...numbers) / Math.min(...numbers) > 100
    return {
      ...named,
      ...numeric(numbers, ({ values }) => values[path] as number | undefined, isLog, shortValue),
    }
  }
  const names = [...new Set(values.map((value) => JSON.stringify(value)))].sort()
  const place = axisOf(
    names.map((_, i) => i),
    size.bottom,
    size.top,
  )
  return {
    ...named,
    at: ({ values }) =>
      Object.hasOwn(values, path) ? place.at(names.indexOf(JSON.stringify(values[path]))) : undefined,
    marks: names.map((name, i) => ({
      y: place.at(i),
      text: name.length > 18 ? `${name.slice(0, 17)}…` : name,
    })),
  }
}

const ofObjective = (name: string, trials: readonly ShownTrial[]): Upright => ({
  title: objectiveTitle(name),
  ...numeric(
    trials.flatMap(({ measured }) => measured[name] ?? []),
    ({ measured }) => measured[name],
    false,
    (value) => objectiveText(name, value)!,
  ),
})

/** Values that are marked as they are, and not by round numbers. */
const few = 6

function numeric(
  values: readonly number[],
  read: (trial: ShownTrial) => number | undefined,
  isLog: boolean,
  text: (value: number) => string,
): Omit<Upright, 'title'> {
  const scale = isLog ? Math.log10 : (value: number) => value
  const axis = axisOf(values.map(scale), size.bottom, size.top)
  const distinct = [...new Set(values)]
  const marked = distinct.length <= few ? distinct : axis.ticks.map((tick) => (isLog ? 10 ** tick : tick))
  return {
    at: (trial) => {
      const value = read(trial)
      return value === undefined ? undefined : axis.at(scale(value))
    },
    marks: marked.map((value) => ({ y: axis.at(scale(value)), text: text(value) })),
  }
}
