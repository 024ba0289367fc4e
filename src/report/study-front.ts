import { type Html, html } from './html.ts'
import {
  objectiveText,
  objectiveTitle,
  type ShownObjective,
  type ShownTrial,
  valuesText,
} from './study-table.ts'

/** Width and height of a plot, and the room for its axes. */
const size = { width: 560, height: 340, left: 64, right: 16, top: 14, bottom: 44 }

/** A place on an axis for a value. */
export interface Axis {
  at(value: number): number
  /** Round values within it. */
  readonly ticks: readonly number[]
}

/** A linear axis that spans values, with round ticks; a single value lies in its middle. */
export function axisOf(values: readonly number[], from: number, to: number): Axis {
  const [least, most] = values.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  )
  const span = most > least ? most - least : Math.abs(least) || 1
  const [low, high] =
    most > least ? [least - span * 0.05, most + span * 0.05] : [least - span / 2, least + span / 2]
  const step = roundStep((high - low) / 4)
  const first = Math.ceil(low / step)
  const ticks = Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  )
  return { at: (value) => from + ((value - low) / (high - low)) * (to - from), ticks }
}

/** The least of 1, 2 and 5 times a power of ten that is not below. */
function roundStep(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return [1, 2, 5, 10].find((factor) => factor * power >= value * 0.999)! * power
}

/** Coordinate in an SVG. */
export const coordinate = (value: number): string => value.toFixed(1)

/**
 * Trials by quality and one cost: those on the front are joined, the recipe's own stands out. Of trials whose cost is not
 * known, as stopped ones before it was measured, nothing is drawn.
 */
export function frontPlot(
  trials: readonly ShownTrial[],
  [quality, cost]: readonly [ShownObjective, ShownObjective],
  front: ReadonlySet<number>,
): Html {
  const places = trials.flatMap((trial) => {
    const [x, y] = [trial.measured[cost.name], qualityOf(trial)]
    return x === undefined || y === undefined || !Number.isFinite(y) ? [] : [{ trial, x, y }]
  })
  const across = axisOf(
    places.map(({ x }) => x),
    size.left,
    size.width - size.right,
  )
  const up = axisOf(
    places.map(({ y }) => y),
    size.height - size.bottom,
    size.top,
  )
  const onFront = places.filter(({ trial }) => front.has(trial.number)).sort((a, b) => a.x - b.x)
  const line = onFront.map(({ x, y }) => `${coordinate(across.at(x))},${coordinate(up.at(y))}`).join(' ')
  const title = `${objectiveTitle(quality.name)} by ${objectiveTitle(cost.name).toLowerCase()}`
  return html`<figure><svg viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${title}" font-size="13">
${ticksOf(across, up, cost.name)}
<text x="${size.width - size.right}" y="${size.height - 6}" text-anchor="end" fill="currentColor">${objectiveTitle(cost.name)} →</text>
<polyline points="${line}" fill="none" stroke="var(--a)" stroke-width="2"/>
${places.map(({ trial, x, y }) => dot(trial, across.at(x), up.at(y), front.has(trial.number), cost.name))}
</svg></figure>
`
}

const qualityOf = ({ measured, reports }: ShownTrial): number | undefined =>
  measured.quality ?? reports.at(-1)?.value

function ticksOf(across: Axis, up: Axis, cost: string): Html {
  const grid = up.ticks.map((tick) => {
    const y = coordinate(up.at(tick))
    return html`<line x1="${size.left}" x2="${size.width - size.right}" y1="${y}" y2="${y}" stroke="currentColor" stroke-opacity="0.15"/>\
<text x="${size.left - 8}" y="${y}" dy="0.35em" text-anchor="end" fill="currentColor">${tick}</text>
`
  })
  const below = across.ticks.map(
    (tick) =>
      html`<text x="${coordinate(across.at(tick))}" y="${size.height - 24}" text-anchor="middle" fill="currentColor">${objectiveText(cost, tick)}</text>\n`,
  )
  return html`<g fill-opacity="0.75">${grid}${below}</g>`
}

/** A trial: full on the front, a square for the recipe's own, faint and open where it was stopped. */
function dot(trial: ShownTrial, x: number, y: number, isOnFront: boolean, cost: string): Html {
  const { number, origin, state, measured } = trial
  const text = `trial ${number}, ${state}: quality ${objectiveText('quality', qualityOf(trial))}, ${objectiveText(cost, measured[cost])} (${valuesText(trial)})`
  const [left, top] = [coordinate(x), coordinate(y)]
  if (origin === 'recipe')
    return html`<rect x="${coordinate(x - 6)}" y="${coordinate(y - 6)}" width="12" height="12" fill="var(--b)"><title>${text}</title></rect>\n`
  if (isOnFront)
    return html`<circle cx="${left}" cy="${top}" r="5.5" fill="var(--a)"><title>${text}</title></circle>\n`
  return state === 'finished'
    ? html`<circle cx="${left}" cy="${top}" r="4.5" fill="currentColor" fill-opacity="0.45"><title>${text}</title></circle>\n`
    : html`<circle cx="${left}" cy="${top}" r="4" fill="none" stroke="currentColor" stroke-opacity="0.5"><title>${text}</title></circle>\n`
}
