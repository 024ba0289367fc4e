import { type Html, html } from '../../../report/html.ts'

/** A number of a chunk of actions over its steps. */
export interface Curve {
  readonly name: string
  /** Value at each step, in the units of the data. */
  readonly values: readonly number[]
  /** Smallest and largest value in the training data; undefined where they are not known. */
  readonly range: readonly [low: number, high: number] | undefined
  /** Value that the robot has now, where it is measured. */
  readonly now: number | undefined
}

/** Size of a drawing in its own units. */
const [width, height] = [100, 40]

/** Plots of curves, each by itself, over the range of the data: what hardly moves looks so. */
export const curvePlots = (curves: readonly Curve[]): Html =>
  html`<div class="curves">${curves.map(plotOf)}</div>`

function plotOf({ name, values, range, now }: Curve): Html {
  const seen = [...values, ...(range ?? []), ...(now === undefined ? [] : [now])]
  const [low, high] = endsOf(Math.min(...seen), Math.max(...seen))
  const x = (step: number) => (values.length > 1 ? (width * step) / (values.length - 1) : width / 2)
  const y = (value: number) => height * (1 - (value - low) / (high - low))
  const points = values.map((value, i) => `${x(i).toFixed(2)} ${y(value).toFixed(2)}`)
  const [first, last] = [values[0]!, values.at(-1)!]
  const said = `${name}: from ${shownNumber(first)} to ${shownNumber(last)} in ${values.length} steps`
  return html`<figure class="curve"><figcaption>${name}</figcaption>
<div class="axis"><span>${shownNumber(high)}</span><span>${shownNumber(low)}</span></div>
<svg viewBox="0 0 ${width} ${height}" preserveAspectRatio="none" role="img" aria-label="${said}">\
${now === undefined ? undefined : html`<path class="now" d="M0 ${y(now).toFixed(2)}H${width}"/>`}\
<path class="values" d="M${points.length > 1 ? points.join('L') : `${points[0]!}h0`}"/></svg>
<div class="steps"><span>step 1</span><span>${shownNumber(first)} → ${shownNumber(last)}</span><span>${values.length}</span></div></figure>
`
}

/** Lower and upper end of an axis, which are apart. */
function endsOf(low: number, high: number): readonly [number, number] {
  const room = high > low ? 0 : Math.max(Math.abs(high), 1) / 2
  return [low - room, high + room]
}

/** A number with three digits that count, and the sign that prose has. */
export function shownNumber(value: number): string {
  const size = Math.abs(value)
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : 2
  return (size < 10 ** -digits / 2 ? 0 : value).toFixed(digits).replace('-', '−')
}
