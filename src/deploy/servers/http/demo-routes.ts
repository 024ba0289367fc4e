import { stat } from 'node:fs/promises'
import { extname, join, relative } from 'node:path'
import { RequestError } from '../../../core/index.ts'
import { manifestFile } from '../../manifest.ts'
import type { DemoFiles } from '../demo-files.ts'
import type { Gallery } from '../gallery.ts'
import { json, type Reply, type Route } from './route.ts'

/** Parts of the page of a bundle. */
export interface Demo extends DemoFiles {
  /** Folder of the bundle. */
  readonly bundle: string
  /** Paths of its files that may be fetched. */
  readonly files: readonly string[]
  /** Pictures that the page begins with. */
  readonly gallery: Gallery | undefined
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
}

/**
 * Headers of the page: it reaches nobody but its server, and may use several threads.
 */
const alone = {
  'content-security-policy':
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; " +
    "img-src 'self' blob: data:; worker-src 'self' blob:; object-src 'none'; frame-ancestors 'none'; base-uri 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
}

/**
 * The page under `/demo/`: its files are open to all, since a browser sends no token with an address; the files of the bundle and the
 * pictures are not.
 */
export const demoRoutes = (demo: Demo): readonly Route[] => [
  ...pictureRoutes(demo.gallery),
  ...bundleRoutes(demo),
  ...pageRoutes(demo).map((route) => ({ ...route, isOpen: true as const })),
]

const get = (path: string, answer: Route['answer']): Route => ({ method: 'GET', path, answer })

const pageRoutes = ({ page, runtime }: DemoFiles): readonly Route[] => [
  get('/demo', () => moved),
  get('/demo/', () => reply(join(page, 'index.html'))),
  get('/demo/{file}', ({ params }) => ofFolder(page, params.file!, /^[\w-]+\.js$/)),
  get('/demo/ort/{file}', ({ params }) => ofFolder(runtime, params.file!, /^ort[\w.-]*\.(mjs|wasm)$/)),
]

function bundleRoutes({ bundle, files }: Demo): readonly Route[] {
  const listed = (name: string): Promise<Reply> => {
    if (name !== manifestFile && !files.includes(name)) throw nothing(name)
    return reply(join(bundle, name))
  }
  return [
    get('/demo/bundle/{file}', ({ params }) => listed(params.file!)),
    get('/demo/bundle/onnx/{file}', ({ params }) => listed(`onnx/${params.file}`)),
  ]
}

function pictureRoutes(gallery: Gallery | undefined): readonly Route[] {
  const { directory = '', files = [] } = gallery ?? {}
  const list = files.map((file, i) => ({
    name: relative(directory, file).replaceAll('\\', '/'),
    address: `pictures/${i}`,
  }))
  return [
    get('/demo/pictures.json', () => json(list)),
    get('/demo/pictures/{number}', ({ params: { number = '' } }) => {
      const file = /^\d+$/.test(number) ? files[Number(number)] : undefined
      if (file === undefined) throw nothing(number)
      return reply(file)
    }),
  ]
}

/** The address of a folder ends with a slash: those of the page's files begin there. */
const moved: Reply = { status: 308, type: 'text/plain', body: '', headers: { location: 'demo/' } }

/** A file of a folder whose names are of a form, which no way out of the folder has. */
function ofFolder(folder: string, name: string, form: RegExp): Promise<Reply> {
  if (!form.test(name)) throw nothing(name)
  return reply(join(folder, name))
}

/** A file as an answer. @throws RequestError `serve/not-found`. */
async function reply(file: string): Promise<Reply> {
  const found = await stat(file).catch(() => undefined)
  if (!found?.isFile()) throw nothing(file)
  return {
    status: 200,
    type: types[extname(file)] ?? 'application/octet-stream',
    body: { file, bytes: found.size },
    headers: alone,
  }
}

const nothing = (name: string): RequestError =>
  new RequestError('serve/not-found', `the page has no file ${name.slice(0, 200)}`)
