import type { CameraPixels } from '../../../data/images/index.ts'
import { chunkKeys } from '../../../models/index.ts'
import { html } from '../../../report/html.ts'
import { chunkNumbers } from '../../chunks/chunk-inputs.ts'
import { requireFiniteChunk } from '../../chunks/chunk-policy-runtime.ts'
import type { Chunk } from '../../chunks/temporal-ensembler.ts'
import type { OpenedModel } from '../open-bundle.ts'
import { decodePicture, shown, squarePicture } from '../picture.ts'
import { cameraFrames, receiveByCamera, showIn } from './camera-frames.ts'
import { curvePlots, shownNumber } from './chunk-curves.ts'
import { pictureInput, receivePictures } from './picture-input.ts'
import { onSlide, stateOf, stateSliders } from './state-sliders.ts'
import { type NamedPicture, newestOnly, part, type Stage, type View } from './view.ts'

type ChunkModel = OpenedModel & { readonly kind: 'chunk-policy' }

/** Side of a picture on the page, in pixels. */
const shownSide = 384

const layoutOf = ({ runtime: { config } }: ChunkModel) => html`
<div class="act chunks">
<div class="seen">${config.cameras.length > 0 ? html`${cameraFrames(config.cameras)}${pictureInput('Choose pictures')}` : undefined}
${stateSliders(config)}</div>
<div class="told-to">
${config.text_config ? html`<input type="search" aria-label="Command" placeholder="A command, in words as in the training data" autocomplete="off" spellcheck="false" enterkeyhint="go">` : undefined}
<p class="told" aria-live="polite"></p>
<div class="answers"></div>
</div></div>`

/** Pictures, state and command of a robot, and the chunk of actions that a policy answers, as curves over its steps. */
export class ChunkView implements View {
  readonly #stage: Stage
  readonly #told: HTMLElement
  readonly #answer: () => Promise<void>
  #model: ChunkModel
  /** The square of each camera, in the order of the policy. */
  readonly #squares: (CameraPixels | undefined)[]
  /** Camera that takes the next picture. */
  #next = 0

  constructor(stage: Stage, model: ChunkModel) {
    const { root, notices } = stage
    this.#stage = stage
    this.#model = model
    this.#squares = model.runtime.config.cameras.map(() => undefined)
    root.innerHTML = String(layoutOf(model))
    this.#told = part(root, '.told')
    const newest = newestOnly(async () => {
      if (!(await notices.attempt(() => this.#show()))) this.#clear()
    })
    this.#answer = () => newest(undefined)
    root.querySelector('[type=search]')?.addEventListener('input', () => this.#answer())
    onSlide(root, () => void this.#answer())
    if (this.#squares.length > 0) this.#receive()
    this.#told.textContent = this.#hint
    void this.#answer()
  }

  async add(pictures: readonly NamedPicture[]): Promise<void> {
    const count = this.#squares.length
    if (pictures.length > count)
      this.#stage.notices.note(
        `The policy has ${count} cameras, for the first of ${pictures.length} pictures.`,
      )
    for (const named of pictures.slice(0, count))
      await this.#stage.notices.attempt(async () => {
        await this.#take(this.#next, named)
        this.#next = (this.#next + 1) % count
      })
    await this.#answer()
  }

  async use(model: OpenedModel): Promise<void> {
    this.#model = model as ChunkModel
    await this.#answer()
  }

  #receive(): void {
    const { root, notices } = this.#stage
    receivePictures(root, (pictures) => void this.add(pictures), '.seen > .choose input')
    receiveByCamera(root, (camera, file) => {
      void notices
        .attempt(() => this.#take(camera, { name: file.name, picture: file }))
        .then(() => this.#answer())
    })
  }

  async #take(camera: number, { name, picture }: NamedPicture): Promise<void> {
    const pixels = await decodePicture(picture, name)
    const { image } = this.#model.description
    this.#squares[camera] = squarePicture(pixels, image)
    const side = Math.max(shownSide, image.size)
    showIn(this.#stage.root, camera, shown(squarePicture(pixels, image, side)))
  }

  get #command(): string | undefined {
    return this.#stage.root.querySelector<HTMLInputElement>('[type=search]')?.value.trim()
  }

  /** Sentence on what is still missing; empty when all is there. */
  get #hint(): string {
    const { cameras } = this.#model.runtime.config
    const missing = cameras.filter((_, i) => this.#squares[i] === undefined)
    if (missing.length > 0)
      return `Pictures are missing of: ${missing.join(', ')}. They stay on this machine.`
    return this.#command === '' ? 'Type a command.' : ''
  }

  async #show(): Promise<void> {
    const hint = this.#hint
    if (hint !== '') {
      this.#clear(hint)
      return
    }
    const { runtime } = this.#model
    const { cameras, state_size } = runtime.config
    const { root } = this.#stage
    const [command, state] = [this.#command, state_size > 0 ? stateOf(root) : undefined]
    const pictures = Object.fromEntries(cameras.map((name, i) => [name, this.#squares[i]!]))
    runtime.reset() // the same noise for the same observation
    const [chunk] = (await runtime.predictAll([{ cameras: pictures, state, command }])) as [Chunk]
    requireFiniteChunk(chunk)
    const unlearned = command === undefined ? [] : runtime.unlearned(command)
    this.#told.textContent = unlearned.length > 0 ? `Never learned: ${unlearned.join(', ')}.` : ''
    part(root, '.answers').innerHTML = String(this.#drawn(chunk, state))
  }

  #drawn(chunk: Chunk, state: readonly number[] | undefined) {
    const { config } = this.#model.runtime
    const { action, state: felt } = chunkNumbers(config)
    const { min = [], max = [] } = config.statistics[chunkKeys.action] ?? {}
    const isMeasured = config.state_names !== null && action.every(({ name }, i) => felt[i]?.name === name)
    const curves = action.map(({ name }, i) => ({
      name,
      values: chunk.map((row) => row[i]!),
      range: min[i] === undefined || max[i] === undefined ? undefined : ([min[i], max[i]] as const),
      now: isMeasured ? state?.[i] : undefined,
    }))
    const rows = chunk.map(
      (row, step) =>
        html`<tr><td>${step + 1}</td>${row.map((value) => html`<td class="number">${shownNumber(value)}</td>`)}</tr>`,
    )
    return html`${curvePlots(curves)}
<p class="note">Each plot spans the values of the training data.${isMeasured ? ' Dashed: the state now.' : ''}</p>
<details><summary>The numbers, step by step</summary><div class="table"><table>
<thead><tr><th>Step</th>${action.map(({ name }) => html`<th class="number">${name}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div></details>`
  }

  /** Remove what answered an earlier observation. @param told Sentence in its place. */
  #clear(told = ''): void {
    part(this.#stage.root, '.answers').replaceChildren()
    this.#told.textContent = told
  }
}
