import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { random } from '../../src/core/index.ts'
import { Tokenizer, withLearnedWords } from '../../src/data/text/index.ts'
import { type Bundle, writeBundle } from '../../src/deploy/index.ts'
import { NumpyArray, type RunningServer, type ServerOptions, serve } from '../../src/deploy/servers/index.ts'
import { tinyBundle, tinyChunks, tinyPolicy, tinyVlm } from './tiny-bundle.ts'

/** A server of a tiny model, with its folder, the notes that it took, and how both end. */
export interface Served {
  readonly server: RunningServer
  readonly folder: string
  readonly notes: readonly string[]
  end(): Promise<void>
}

/** Words that the tiny policy learned, by its bundle. */
const learned = { words: ['a', 'car', 'cup', 'pick', 'red', 'the', 'up'], commands: true }

/** Tiny models by their kind; policies have a record of their words. */
const bundles = {
  policy: () => withWords(tinyPolicy()),
  chunks: () => withWords(tinyChunks()),
  'dual-encoder': () => tinyBundle('clip'),
  siglip: () => tinyBundle('siglip'),
  vlm: tinyVlm,
} as const satisfies Readonly<Record<string, () => Bundle>>

function withWords<B extends Bundle>(bundle: B): B {
  const { json, config } = bundle.tokenizer
  return { ...bundle, tokenizer: Tokenizer.fromJson(json, withLearnedWords(config, learned)) }
}

/** Serve a tiny model on a free port. */
export async function serveTiny(kind: keyof typeof bundles, options: ServerOptions = {}): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'served-'))
  const bundle = join(folder, 'tiny')
  await writeBundle(bundle, bundles[kind]())
  const notes: string[] = []
  const server = await serve(bundle, {
    port: 0,
    threads: 1,
    onNote: (text) => void notes.push(text),
    ...options,
  })
  const end = async () => {
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  return { server, folder: bundle, notes, end }
}

/** Pixels of noise, [height, width, 3]. */
export function noise(seed: number, width = 32, height = width): Uint8Array {
  const stream = random(seed, 'noise')
  return Uint8Array.from({ length: 3 * width * height }, () => stream.integer(256))
}

/** A PNG of noise. */
export const noisePng = (seed: number, side = 32): Promise<Buffer> =>
  sharp(noise(seed, side), { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer()

/** An observation as LIBERO's clients of openpi send it. */
export const observationOf = (seed: number, prompt = 'pick up the red cup', side = 32) => ({
  'observation/image': new NumpyArray('|u1', [side, side, 3], noise(seed, side)),
  'observation/wrist_image': new NumpyArray('|u1', [side, side, 3], noise(seed + 1, side)),
  'observation/state': new NumpyArray('<f8', [8], new Float64Array(8)),
  prompt,
})
