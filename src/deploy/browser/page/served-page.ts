import type { WebRuntime } from '../web-runtime.ts'
import { showDemo } from './demo-page.ts'

/** The page of `visuomotor serve --demo`, with onnxruntime-web from its server, and the token of the address if there is one. */

const folder = new URL('ort/', document.baseURI)

/** A build of onnxruntime-web, whose other files lie beside it. */
const runtime = (file: string) => async (): Promise<WebRuntime> => {
  const loaded = (await import(new URL(file, folder).href)) as WebRuntime & {
    readonly env: { readonly wasm: { wasmPaths?: string } }
  }
  loaded.env.wasm.wasmPaths = folder.href
  return loaded
}

const token = new URLSearchParams(location.hash.slice(1)).get('token')

await showDemo({
  bundle: 'bundle/',
  pictures: 'pictures.json',
  runtimes: { wasm: runtime('ort.wasm.min.mjs'), webgpu: runtime('ort.webgpu.min.mjs') },
  ...(token !== null && { headers: { authorization: `Bearer ${token}` } }),
})
