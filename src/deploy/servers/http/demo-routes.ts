import { stat } from 'node:fs/promises'
import { extname, join, relative } from 'node:path'
import { RequestError } from '../../../core/index.ts'
import { manifestFile } from '../../manifest.ts'
import type { DemoFiles } from '../demo-files.ts'
import type { Gallery } from '../gallery.ts'
import { json, type Reply, type Route } from './route.ts'

/** What the page of a bundle is made of. */
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
export function demoRoutes({ page, runtime, bundle, files, gallery }: Demo): readonly Route[] {
  const bundleFile = (name: string) => {
    if (name !== manifestFile && !files.includes(name)) throw nothing(name)
    return reply(join(bundle, name))
  }
  const pictures = gallery?.files ?? []
  const list = pictures.map((file, i) => ({
    name: relative(gallery!.directory, file).replaceAll('\\', '/'),
    address: `pictures/${i}`,
  }))
  return [
    { method: 'GET', path: '/demo', isOpen: true, answer: () => moved },
    { method: 'GET', path: '/demo/', isOpen: true, answer: () => reply(join(page, 'index.html')) },
    { method: 'GET', path: '/demo/page.js', isOpen: true, answer: () => reply(join(page, 'page.js')) },
    {
      method: 'GET',
      path: '/demo/ort/{file}',
      isOpen: true,
      answer: ({ params: { file = '' } }) => {
        if (!/^ort[\w.-]*\.(mjs|wasm)$/.test(file)) throw nothing(file)
        return reply(join(runtime, file))
      },
    },
    { method: 'GET', path: '/demo/bundle/{file}', answer: ({ params }) => bundleFile(params.file!) },
    {
      method: 'GET',
      path: '/demo/bundle/onnx/{file}',
      answer: ({ params }) => bundleFile(`onnx/${params.file}`),
    },
    { method: 'GET', path: '/demo/pictures.json', answer: () => json(list) },
    {
      method: 'GET',
      path: '/demo/pictures/{number}',
      answer: ({ params: { number = '' } }) => {
        const file = /^\d+$/.test(number) ? pictures[Number(number)] : undefined
        if (file === undefined) throw nothing(number)
        return reply(file)
      },
    },
  ]
}

/** The address of a folder ends with a slash: those of the page's files begin there. */
const moved: Reply = { status: 308, type: 'text/plain', body: '', headers: { location: 'demo/' } }

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
