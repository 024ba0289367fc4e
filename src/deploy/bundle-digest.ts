import { createHash } from 'node:crypto'
import type { Bundle } from './bundle.ts'

/** SHA-256 of all that decides a model's outputs: config, tokenizer, processing of images, weights. */
export function bundleDigest({ model, tokenizer, image, weights }: Bundle): string {
  const hash = createHash('sha256')
  hash.update(JSON.stringify([model.config, tokenizer.json, image]))
  for (const name of [...weights.keys()].sort()) {
    const { shape, data } = weights.get(name)!
    hash.update(JSON.stringify([name, shape]))
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  }
  return hash.digest('hex')
}
