import { html } from '../../../report/html.ts'
import { pageStyle } from '../../../report/page-style.ts'
import { type OpenedModel, type OpenOptions, openBundle } from '../open-bundle.ts'
import type { WebDevice } from '../web-runtime.ts'
import { ChunkView } from './chunk-view.ts'
import { Notices } from './notices.ts'
import { pageLooks } from './page-looks.ts'
import { PolicyView } from './policy-view.ts'
import { SearchView } from './search-view.ts'
import { type NamedPicture, newestOnly, part, type Stage, type View } from './view.ts'

/** Options of the page. */
export interface DemoOptions extends Pick<OpenOptions, 'runtimes' | 'headers'> {
  /** Address of the bundle's folder, from that of the page. */
  readonly bundle: string
  /** Address of a JSON file with pictures to begin with, `[{ "name": …, "address": … }]`. Default: none. */
  readonly pictures?: string | undefined
}

/** Largest number of pictures that the page begins with. */
const mostPictures = 200

const titles = {
  'dual-encoder': 'Search pictures by words',
  policy: 'Tell a policy what to do',
  'chunk-policy': 'What a policy will do next',
} as const satisfies Record<OpenedModel['kind'], string>

const layout = html`
<header><h1>Visuomotor</h1>
<p class="subtitle">The model computes in this browser: pictures and words stay on this machine.</p></header>
<div class="bar">
<fieldset class="device"><legend>Compute by</legend>
<label><input type="radio" name="device" value="wasm" checked> WebAssembly</label>
<label><input type="radio" name="device" value="webgpu"> WebGPU</label></fieldset>
<p class="status" role="status"></p></div>
<ul class="messages" role="alert"></ul>
<main></main>`

/**
 * Make this page a demonstration of a bundle: search in the visitor's pictures for a dual encoder, a picture to give commands
 * for for a policy, the curves of its actions for one that acts in chunks. What goes wrong is told on the page, and never thrown.
 */
export async function showDemo(options: DemoOptions): Promise<void> {
  document.head.append(Object.assign(document.createElement('style'), { textContent: pageStyle + pageLooks }))
  document.body.innerHTML = String(layout)
  const notices = new Notices(part(document, '.status'), part(document, '.messages'))
  const demo = new Demo(options, { root: part(document, 'main'), notices })
  for (const input of devices())
    input.addEventListener('change', () => demo.compute(input.value as WebDevice))
  await demo.compute('wasm')
}

/** The choice of devices. */
const devices = () => document.querySelectorAll<HTMLInputElement>('.device input')

function viewOf(stage: Stage, model: OpenedModel): View {
  if (model.kind === 'policy') return new PolicyView(stage, model)
  return model.kind === 'chunk-policy' ? new ChunkView(stage, model) : new SearchView(stage, model)
}

class Demo {
  /** Compute by a device from now on. */
  readonly compute: (device: WebDevice) => Promise<void>
  readonly #options: DemoOptions
  readonly #stage: Stage
  #model: OpenedModel | undefined
  #view: View | undefined

  constructor(options: DemoOptions, stage: Stage) {
    this.#options = options
    this.#stage = stage
    const { notices } = stage
    this.compute = newestOnly(async (device) => {
      notices.clear()
      await notices.attempt(() => this.#open(device))
      for (const input of devices()) input.checked = input.value === (this.#model?.device ?? device)
      notices.status(this.#model ? '' : 'There is no model to compute with.')
      document.body.dataset.state = this.#model ? 'ready' : 'failed'
    })
  }

  async #open(device: WebDevice): Promise<void> {
    const { notices } = this.#stage
    const { bundle, runtimes, headers } = this.#options
    const model = await openBundle(bundle, {
      ...{ runtimes, headers, device },
      onProgress: (text) => notices.status(`${text} …`),
      onNote: (text) => notices.note(text),
    })
    const before = this.#model
    this.#model = model
    if (this.#view) await this.#view.use(model)
    else await this.#begin(model)
    await before?.release()
  }

  async #begin(model: OpenedModel): Promise<void> {
    document.title = titles[model.kind]
    part(document, 'h1').textContent = titles[model.kind]
    this.#view = viewOf(this.#stage, model)
    const { pictures } = this.#options
    if (pictures !== undefined) await this.#view.add(await this.#firstPictures(pictures))
  }

  /** The pictures of a list; those that cannot be fetched are told. */
  async #firstPictures(address: string): Promise<NamedPicture[]> {
    const { notices } = this.#stage
    const { headers = {} } = this.#options
    const list = (await (await fetch(address, { headers })).json()) as { name: string; address: string }[]
    if (list.length > mostPictures)
      notices.note(`The first ${mostPictures} of ${list.length} pictures are shown.`)
    const found: NamedPicture[] = []
    for (const { name, address: own } of list.slice(0, mostPictures)) {
      notices.status(`Loading picture ${found.length + 1} of ${Math.min(list.length, mostPictures)}`)
      await notices.attempt(async () => {
        const response = await fetch(new URL(own, new URL(address, document.baseURI)), { headers })
        if (!response.ok) throw new Error(`${name} cannot be fetched: its server answers ${response.status}`)
        found.push({ name, picture: await response.blob() })
      })
    }
    return found
  }
}
