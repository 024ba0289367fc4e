import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ConfigError, missingPackage } from '../../core/index.ts'
import { Manifest } from '../manifest.ts'

/** Folders of what a browser needs to compute a bundle. */
export interface DemoFiles {
  /** Folder with `index.html` and its scripts. */
  readonly page: string
  /** Folder with the builds of onnxruntime-web. */
  readonly runtime: string
}

/**
 * The page of this package, and onnxruntime-web as it is installed.
 * @throws ConfigError `config/package` where onnxruntime-web is not installed; `serve/option` in a clone that is not built.
 */
export function demoFiles(): DemoFiles {
  const page = fileURLToPath(new URL('../browser', import.meta.url))
  if (!existsSync(join(page, 'index.html')))
    throw new ConfigError('serve/option', `the page is not built: ${page} is missing. Run npm run build`)
  return { page, runtime: runtimeFolder() }
}

function runtimeFolder(): string {
  try {
    return dirname(fileURLToPath(import.meta.resolve('onnxruntime-web/wasm')))
  } catch {
    throw missingPackage('onnxruntime-web', 'the page that computes in a browser')
  }
}

/**
 * Paths in a bundle of what its browser may fetch: the manifest, descriptions and graphs.
 * @throws ConfigError `serve/option` for a folder that is no bundle; CheckpointError of `Manifest.read`.
 */
export function fetchedFiles(directory: string): readonly string[] {
  const names =
    Manifest.read(directory)?.names.filter((name) => /^([^/]+\.json|onnx\/[^/]+\.onnx)$/.test(name)) ?? []
  if (names.some((name) => name.startsWith('onnx/'))) return names
  throw new ConfigError(
    'serve/option',
    `the page computes in the browser, by the ONNX files of a bundle, and ${directory} has none with a manifest. ` +
      `Export it, and serve the bundle: visuomotor export ${directory}`,
    { directory },
  )
}
