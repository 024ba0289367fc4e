import { actionsOf, type Policy } from '../../../models/index.ts'
import { type Html, html } from '../../../report/html.ts'
import type { Mark } from '../../../report/marked-pictures.ts'
import type { PolicyRuntime } from '../../policy-runtime.ts'
import type { Prediction } from '../../prediction.ts'

/** Boxes and points of a prediction, to be drawn over the picture. */
export function marksOf({ config }: Policy, prediction: Prediction): Mark[] {
  const actions = Object.entries(actionsOf(config))
  return actions.flatMap(([label, { kind }]) =>
    (kind === 'box' || kind === 'point') && prediction[label]
      ? [{ name: label, place: prediction[label] }]
      : [],
  )
}

/** Names of the values of a label, where it has as many. */
const axes: Readonly<Record<string, readonly string[]>> = {
  position: ['x', 'y', 'z'],
  pose: ['x', 'y', 'z', 'rx', 'ry', 'rz'],
  box: ['left', 'top', 'right', 'bottom'],
  point: ['x', 'y'],
}

/** Number of the most probable classes that are shown. */
const shownClasses = 3

/** The values of a prediction, each label with its units. */
export function answerTable(runtime: PolicyRuntime, prediction: Prediction): Html {
  const classes = runtime.classesOf(prediction)
  const actions = Object.entries(actionsOf(runtime.description.model.config))
  const rows = actions.flatMap(([label, { kind, unit, joints }]) => {
    const values = prediction[label]
    if (values === undefined) return []
    const best = classes[label]?.slice(0, shownClasses)
    const names = joints?.map(({ name }) => name) ?? axes[kind]
    const cells = best
      ? best.map(({ name, probability }) => cell(name, `${Math.round(100 * probability)} %`))
      : values.map((value, i) => cell(names?.[i] ?? String(i + 1), measured(value, unitAt(unit, i))))
    return [html`<dt>${label}</dt><dd>${cells}</dd>\n`]
  })
  return html`<dl class="answer">${rows}</dl>`
}

const cell = (name: string, value: string): Html => html`<span><i>${name}</i> ${value}</span> `

const unitAt = (unit: string | readonly string[], i: number): string =>
  typeof unit === 'string' ? unit : (unit[i] ?? '')

/** Units that are short enough to stand behind each number. */
const shortUnits: readonly string[] = ['m', 'rad']

const measured = (value: number, unit: string): string =>
  `${value.toFixed(2).replace('-', '−')}${shortUnits.includes(unit) ? ` ${unit}` : ''}`
