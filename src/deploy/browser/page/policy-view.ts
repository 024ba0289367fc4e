import { errorLine, VisuomotorError } from '../../../core/errors.ts'
import { evenlySpread } from '../../../core/evenly-spread.ts'
import type { CameraPixels } from '../../../data/images/index.ts'
import type { Policy } from '../../../models/index.ts'
import { attentionOver } from '../../../report/attention.ts'
import { html } from '../../../report/html.ts'
import { marksOver } from '../../../report/marked-pictures.ts'
import type { ModelDescription } from '../../bundle.ts'
import type { Look } from '../../policy-runtime.ts'
import type { OpenedModel } from '../open-bundle.ts'
import { decodePicture, shown, squarePicture } from '../picture.ts'
import { answerTable, marksOf } from './answer-table.ts'
import { attentionAt } from './attention-at.ts'
import { suggestedCommands } from './command-suggestions.ts'
import { pictureInput, receivePictures } from './picture-input.ts'
import { drawn, type NamedPicture, newestOnly, part, type Stage, type View } from './view.ts'

type PolicyModel = OpenedModel & { readonly kind: 'policy' }

/** Side of the picture on the page, in pixels. */
const shownSide = 512

/** Number of commands that are computed at once after a click. */
const together = 16

/** Number of commands that are shown as buttons. */
const mostButtons = 8

const layout = html`
<div class="act">
<div class="seen"><div class="framed"></div>
<label class="toggle"><input type="checkbox" checked> Light where the policy looks</label>
<ul class="thumbnails"></ul>
${pictureInput('Choose pictures')}</div>
<div class="told-to">
<input type="search" aria-label="Command" placeholder="A command, such as: pick up the red cup" autocomplete="off" spellcheck="false" enterkeyhint="go">
<div class="suggestions"></div>
<p class="told" aria-live="polite"></p>
<div class="answers"></div>
<details><summary>Commands that a click on the picture chooses from</summary>
<textarea rows="8" aria-label="Commands, one a line" spellcheck="false"></textarea></details>
</div></div>`

/** A picture to give commands for, typed or by a click on it: the answer of the policy, and where it looked. */
export class PolicyView implements View {
  readonly #stage: Stage
  readonly #command: HTMLInputElement
  readonly #candidates: HTMLTextAreaElement
  readonly #told: HTMLElement
  readonly #answer: (command: string) => Promise<void>
  #model: PolicyModel
  #square: CameraPixels | undefined

  constructor(stage: Stage, model: PolicyModel) {
    const { root, notices } = stage
    this.#stage = stage
    this.#model = model
    root.innerHTML = String(layout)
    this.#command = part(root, '[type=search]')
    this.#candidates = part(root, 'textarea')
    this.#told = part(root, '.told')
    this.#answer = newestOnly(async (command) => {
      if (!(await notices.attempt(() => this.#show(command)))) this.#clear(this.#hint)
    })
    this.#command.addEventListener('input', () => this.#answer(this.#command.value))
    part(root, '.framed').addEventListener('click', (event) => void this.#clicked(event))
    part(root, '.toggle').addEventListener('change', () => this.#toggle())
    receivePictures(root, (pictures) => void this.add(pictures))
    this.#suggest()
    this.#told.textContent = this.#hint
  }

  async add(pictures: readonly NamedPicture[]): Promise<void> {
    let last: NamedPicture | undefined
    for (const named of pictures) {
      await this.#stage.notices.attempt(async () => {
        await this.#take(named)
        this.#addThumbnail(named)
        last = named
      })
    }
    if (last) await this.#answer(this.#command.value)
  }

  async use(model: OpenedModel): Promise<void> {
    this.#model = model as PolicyModel
    await this.#answer(this.#command.value)
  }

  get #description(): ModelDescription<Policy> {
    return this.#model.runtime.description
  }

  /** Make a picture the one that commands are for. */
  async #take(named: NamedPicture): Promise<void> {
    const pixels = await decodePicture(named.picture, named.name)
    const { image } = this.#model.description
    this.#square = squarePicture(pixels, image)
    const frame = part(this.#stage.root, '.framed')
    frame.replaceChildren(shown(squarePicture(pixels, image, Math.max(shownSide, image.size))))
  }

  #addThumbnail(named: NamedPicture): void {
    const item = document.createElement('li')
    item.innerHTML = String(
      html`<button type="button" title="${named.name}"><img src="${URL.createObjectURL(named.picture)}" alt="${named.name}"></button>`,
    )
    part<HTMLButtonElement>(item, 'button').onclick = () =>
      void this.#stage.notices.attempt(async () => {
        await this.#take(named)
        await this.#answer(this.#command.value)
      })
    part(this.#stage.root, '.thumbnails').append(item)
  }

  #suggest(): void {
    const commands = suggestedCommands(this.#description)
    this.#candidates.value = commands.join('\n')
    const buttons = evenlySpread(commands.length, mostButtons).map((i) => {
      const button = Object.assign(document.createElement('button'), {
        type: 'button',
        textContent: commands[i]!,
      })
      button.onclick = () => this.#give(commands[i]!)
      return button
    })
    part(this.#stage.root, '.suggestions').replaceChildren(...buttons)
  }

  #give(command: string): Promise<void> {
    this.#command.value = command
    return this.#answer(command)
  }

  /** Answer a command for the picture. */
  async #show(command: string): Promise<void> {
    const [square, text] = [this.#square, command.trim()]
    if (square === undefined || text === '') {
      this.#clear(this.#hint)
      return
    }
    const { runtime } = this.#model
    const look = await this.#look(square, text)
    if (look === undefined) return
    this.#draw(look)
    const unlearned = runtime.unlearned(text)
    this.#told.textContent = unlearned.length > 0 ? `Never learned: ${unlearned.join(', ')}.` : ''
    part(this.#stage.root, '.answers').innerHTML = String(answerTable(runtime, look.prediction))
  }

  /** Answer to a command; undefined for a text that is none, as one that is not typed to its end: that is told beneath it. */
  async #look(pixels: CameraPixels, command: string): Promise<Look | undefined> {
    try {
      const [look] = await this.#model.runtime.lookAt([{ pixels, command }])
      return look
    } catch (error) {
      if (!(error instanceof VisuomotorError) || error.code !== 'data/no-command') throw error
      this.#clear(errorLine(error))
      return undefined
    }
  }

  #draw({ prediction, attention }: Look): void {
    const frame = part(this.#stage.root, '.framed')
    const shade = attentionOver(attention)
    for (const svg of [...frame.querySelectorAll('svg')]) svg.remove()
    const marks = marksOver(marksOf(this.#description.model, prediction))
    frame.insertAdjacentHTML('beforeend', String(html`${shade}${marks}`))
    const toggle = part(this.#stage.root, '.toggle')
    toggle.hidden = shade === undefined
    this.#toggle()
  }

  #toggle(): void {
    const { root } = this.#stage
    const isShown = part<HTMLInputElement>(root, '.toggle input').checked
    root.querySelector('.attention')?.classList.toggle('hidden', !isShown)
  }

  get #hint(): string {
    return this.#square
      ? 'Type a command, or click a thing in the picture.'
      : 'No picture yet. It stays on this machine.'
  }

  /** Remove what answered an earlier command. @param told Sentence in its place. */
  #clear(told: string): void {
    const { root } = this.#stage
    for (const svg of [...root.querySelectorAll('.framed svg')]) svg.remove()
    part(root, '.answers').replaceChildren()
    this.#told.textContent = told
  }

  /** Give the command under which the policy looks most at the place of a click. */
  async #clicked(event: MouseEvent): Promise<void> {
    const square = this.#square
    if (square === undefined) return
    const { left, top, width, height } = (event.currentTarget as HTMLElement).getBoundingClientRect()
    const place = { x: (event.clientX - left) / width, y: (event.clientY - top) / height }
    const { notices } = this.#stage
    await notices.attempt(async () => {
      const commands = this.#candidates.value.split('\n').filter((line) => line.trim() !== '')
      const command = await this.#bestFor(square, place, commands)
      if (command === undefined) {
        notices.note('There are no commands to choose from: write some under the picture, one a line.')
        return
      }
      await this.#give(command)
      const chosen = `Chosen of ${commands.length} commands: under this one the policy looks most at the place of your click.`
      this.#told.textContent = `${chosen} ${this.#told.textContent}`.trim()
    })
    notices.status('')
  }

  async #bestFor(
    square: CameraPixels,
    place: { readonly x: number; readonly y: number },
    commands: readonly string[],
  ): Promise<string | undefined> {
    let best: { readonly command: string; readonly weight: number } | undefined
    for (let first = 0; first < commands.length; first += together) {
      const part = commands.slice(first, first + together)
      this.#stage.notices.status(`Trying command ${first + part.length} of ${commands.length}`)
      await drawn()
      const looks = await this.#model.runtime.lookAt(part.map((command) => ({ pixels: square, command })))
      for (const [i, { attention }] of looks.entries()) {
        const weight = attentionAt(attention, place)
        if (best === undefined || weight > best.weight) best = { command: part[i]!, weight }
      }
    }
    return best?.command
  }
}
