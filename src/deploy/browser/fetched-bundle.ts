import { CheckpointError, RequestError } from '../../core/index.ts'
import { filesOfManifest, manifestFile } from '../manifest.ts'

/** Options of a bundle that is fetched. */
export interface FetchOptions {
  /** Headers of every request, such as a server's token. Default: none. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** Receiver of a sentence on what is fetched, for people who wait. */
  readonly onProgress?: ((text: string) => void) | undefined
  /** Receiver of a sentence on what could not be done as it should. */
  readonly onNote?: ((text: string) => void) | undefined
}

type Listed = ReturnType<typeof filesOfManifest>

/** A bundle at an address of the web. Each file is compared with the SHA-256 of the manifest before it is used. */
export class FetchedBundle {
  readonly address: string
  readonly #files: Listed
  readonly #options: FetchOptions

  private constructor(address: string, files: Listed, options: FetchOptions) {
    this.address = address
    this.#files = files
    this.#options = options
  }

  /**
   * Fetch the manifest of a bundle.
   * @param address Address of its folder, from that of the page.
   * @throws CheckpointError `bundle/missing`, `bundle/manifest` or `bundle/version`; RequestError `serve/unauthorized`.
   */
  static async open(address: string, options: FetchOptions = {}): Promise<FetchedBundle> {
    const folder = new URL(address.endsWith('/') ? address : `${address}/`, document.baseURI).href
    const bytes = await fetched(folder, manifestFile, options)
    const files = filesOfManifest(jsonOf(bytes, manifestFile, 'bundle/manifest'), manifestFile)
    if (globalThis.crypto.subtle === undefined)
      options.onNote?.(
        'The files of the bundle are used without a check: browsers compute SHA-256 for pages of https and of this machine only.',
      )
    return new FetchedBundle(folder, files, options)
  }

  /** Names of the files that the manifest lists. */
  get names(): readonly string[] {
    return Object.keys(this.#files)
  }

  /**
   * The bytes of a file.
   * @throws CheckpointError `bundle/missing` or `bundle/altered` naming it; RequestError `serve/unauthorized`.
   */
  async bytes(name: string): Promise<Uint8Array<ArrayBuffer>> {
    const listed = this.#files[name]
    if (listed === undefined) throw missing(name, `${manifestFile} does not list it`)
    this.#options.onProgress?.(`Loading ${name}, ${(listed.bytes / 1e6).toFixed(1)} MB`)
    const bytes = await fetched(this.address, name, this.#options)
    if (bytes.length !== listed.bytes)
      throw altered(name, `has ${bytes.length} bytes instead of ${listed.bytes}`)
    const sha256 = await digestOf(bytes)
    if (sha256 !== undefined && sha256 !== listed.sha256) throw altered(name, 'has another content')
    return bytes
  }

  /** The content of a JSON file. @throws Errors of {@link bytes}; CheckpointError `bundle/not-json`. */
  async json(name: string): Promise<Readonly<Record<string, unknown>>> {
    return jsonOf(await this.bytes(name), name, 'bundle/not-json')
  }
}

async function fetched(folder: string, name: string, { headers = {} }: FetchOptions) {
  let response: Response
  try {
    response = await fetch(`${folder}${name}`, { headers })
  } catch (cause) {
    throw missing(name, `its server does not answer (${(cause as Error).message})`)
  }
  if (response.status === 401)
    throw new RequestError(
      'serve/unauthorized',
      'this server asks for its token: add #token=TOKEN to the address of this page, and load it again',
    )
  if (!response.ok) throw missing(name, `its server answers ${response.status}`)
  return new Uint8Array(await response.arrayBuffer())
}

function jsonOf(
  bytes: Uint8Array,
  name: string,
  code: 'bundle/manifest' | 'bundle/not-json',
): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    const message = `${name} of the bundle is not JSON (${(cause as Error).message}). Export the model again, or copy the whole folder`
    throw new CheckpointError(code, message, { file: name }, { cause })
  }
}

/** SHA-256 in hexadecimal digits; undefined where the browser computes none. */
async function digestOf(bytes: Uint8Array<ArrayBuffer>): Promise<string | undefined> {
  const digest = await globalThis.crypto.subtle?.digest('SHA-256', bytes)
  return digest && Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

const missing = (name: string, why: string): CheckpointError =>
  new CheckpointError(
    'bundle/missing',
    `${name} of the bundle cannot be fetched: ${why}. Export the model again, or copy the whole folder`,
    { file: name },
  )

const altered = (name: string, problem: string): CheckpointError =>
  new CheckpointError(
    'bundle/altered',
    `${name} of the bundle ${problem}: it is not as it was written. Copy the folder again, or export the model again`,
    { file: name },
  )
