import { textKnowledge } from '../../../data/text/learned-words.ts'
import { html } from '../../../report/html.ts'
import type { DualEncoderRuntime } from '../../dual-encoder-runtime.ts'
import { dot } from '../../unit-rows.ts'
import type { OpenedModel } from '../open-bundle.ts'
import { decodePicture, squarePicture } from '../picture.ts'
import { pictureInput, receivePictures } from './picture-input.ts'
import { drawn, type NamedPicture, newestOnly, part, type Stage, type View } from './view.ts'

/** A picture on the page, with its feature. */
interface FoundPicture extends NamedPicture {
  readonly tile: HTMLElement
  feature: Float32Array
}

type DualEncoder = OpenedModel & { readonly kind: 'dual-encoder' }

const layout = html`
<div class="ask">
<input type="search" aria-label="Words to search for" placeholder="Words, such as: a red apple" autocomplete="off" spellcheck="false" enterkeyhint="search">
${pictureInput('Choose pictures')}
</div>
<p class="told" aria-live="polite"></p>
<ol class="found"></ol>`

/** Search in pictures by words, or by one of the pictures, as they are typed. */
export class SearchView implements View {
  readonly #stage: Stage
  readonly #words: HTMLInputElement
  readonly #told: HTMLElement
  readonly #list: HTMLElement
  readonly #search: (words: string) => Promise<void>
  #model: DualEncoder
  #pictures: FoundPicture[] = []
  /** Feature of what is looked for; undefined for nothing. */
  #query: Float32Array | undefined

  constructor(stage: Stage, model: DualEncoder) {
    this.#stage = stage
    this.#model = model
    stage.root.innerHTML = String(layout)
    this.#words = part(stage.root, '[type=search]')
    this.#told = part(stage.root, '.told')
    this.#list = part(stage.root, '.found')
    this.#search = newestOnly(async (words) => {
      await stage.notices.attempt(() => this.#lookFor(words))
    })
    this.#words.addEventListener('input', () => this.#search(this.#words.value))
    receivePictures(stage.root, (pictures) => void this.add(pictures))
    this.#show()
  }

  async add(pictures: readonly NamedPicture[]): Promise<void> {
    for (const [i, named] of pictures.entries()) {
      this.#stage.notices.status(`Embedding picture ${i + 1} of ${pictures.length}`)
      await drawn()
      await this.#stage.notices.attempt(async () => {
        const feature = await this.#featureOf(named)
        const found: FoundPicture = { ...named, feature, tile: this.#tileOf(named) }
        this.#pictures.push(found)
        part<HTMLButtonElement>(found.tile, 'button').onclick = () => this.#lookLike(found)
      })
      this.#show()
    }
    this.#stage.notices.status('')
  }

  async use(model: OpenedModel): Promise<void> {
    this.#model = model as DualEncoder
    const pictures = this.#pictures
    for (const [i, found] of pictures.entries()) {
      this.#stage.notices.status(`Embedding picture ${i + 1} of ${pictures.length}`)
      await drawn()
      found.feature = await this.#featureOf(found)
    }
    this.#stage.notices.status('')
    await this.#search(this.#words.value)
  }

  get #runtime(): DualEncoderRuntime {
    return this.#model.runtime
  }

  async #featureOf({ name, picture }: NamedPicture): Promise<Float32Array> {
    const { description } = this.#model
    const square = squarePicture(await decodePicture(picture, name), description.image)
    return this.#runtime.embedImages([square])
  }

  async #lookFor(words: string): Promise<void> {
    const text = words.trim()
    const { unlearned } = textKnowledge(this.#model.description.tokenizer.config)(text)
    this.#query = text === '' ? undefined : await this.#runtime.embedTexts([text])
    this.#show(
      unlearned.length > 0
        ? `Never learned: ${unlearned.join(', ')}. What is found may mean little.`
        : undefined,
    )
  }

  #lookLike({ name, feature }: FoundPicture): void {
    this.#words.value = ''
    this.#query = feature
    this.#show(`Pictures like ${name}`)
  }

  /** Show the pictures, the nearest to the query first. */
  #show(told?: string): void {
    const query = this.#query
    const scored = this.#pictures.map((found) => ({ found, similarity: query && dot(found.feature, query) }))
    if (query) scored.sort((a, b) => b.similarity! - a.similarity!)
    for (const [i, { found, similarity }] of scored.entries()) {
      part(found.tile, 'b').textContent = similarity === undefined ? '' : String(i + 1)
      part(found.tile, '.similarity').textContent =
        similarity === undefined ? '' : similarity.toFixed(3).replace('-', '−')
    }
    this.#list.replaceChildren(...scored.map(({ found }) => found.tile))
    this.#told.textContent = told ?? this.#hint(query !== undefined)
  }

  #hint(isSearch: boolean): string {
    const count = this.#pictures.length
    if (count === 0) return 'No pictures yet. They stay on this machine.'
    if (isSearch) return 'Similarity is the cosine between the features of words and picture.'
    return `${count} ${count === 1 ? 'picture' : 'pictures'}. Type words, or click a picture to find others like it.`
  }

  #tileOf({ name, picture }: NamedPicture): HTMLElement {
    const tile = document.createElement('li')
    const address = URL.createObjectURL(picture)
    tile.innerHTML = String(html`<button type="button" title="Find pictures like ${name}">\
<img class="tile" src="${address}" alt=""><span class="place"><b></b><span class="similarity"></span></span>\
<span class="file"><span>${name}</span></span></button>`)
    return tile
  }
}
