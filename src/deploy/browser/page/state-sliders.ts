import { type ChunkPolicyConfig, chunkKeys } from '../../../models/index.ts'
import { html } from '../../../report/html.ts'
import { chunkNumbers } from '../../chunks/chunk-inputs.ts'
import { shownNumber } from './chunk-curves.ts'

/** Range of numbers whose statistics are not known. */
const unknown = [-1, 1] as const

/** A slider for each number of a robot's state, over the range of the training data; it begins at the mean. */
export function stateSliders(config: ChunkPolicyConfig) {
  const { min = [], max = [], mean = [] } = config.statistics[chunkKeys.state] ?? {}
  const sliders = chunkNumbers(config).state.map(({ name }, i) => {
    const [low, high] = [min[i] ?? unknown[0], max[i] ?? unknown[1]]
    const value = mean[i] ?? (low + high) / 2
    return html`<label><span>${name}</span><input type="range" min="${low}" max="${high}" step="any" value="${value}" aria-label="${name}">\
<output>${shownNumber(value)}</output></label>`
  })
  return sliders.length === 0
    ? undefined
    : html`<fieldset class="state"><legend>State of the robot</legend>${sliders}</fieldset>`
}

const slidersOf = (root: ParentNode) => [...root.querySelectorAll<HTMLInputElement>('.state input')]

/** Numbers that the sliders have. */
export const stateOf = (root: ParentNode): number[] =>
  slidersOf(root).map(({ valueAsNumber }) => valueAsNumber)

/** Tell when a slider moves. */
export function onSlide(root: ParentNode, tell: () => void): void {
  for (const slider of slidersOf(root))
    slider.addEventListener('input', () => {
      slider.nextElementSibling!.textContent = shownNumber(slider.valueAsNumber)
      tell()
    })
}
