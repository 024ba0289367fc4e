import assert from 'node:assert/strict'
import { basename, dirname, resolve } from 'node:path'
import { env, pipeline, RawImage } from '@huggingface/transformers'
import sharp from 'sharp'

// classify-with-transformers-js.ts BUNDLE: the bundle of a run on emoji names pictures in somebody else's program, by the
// pipeline's own template. The run may be too short to be right; but no two labels may look the same to it.

const bundle = resolve(process.argv[2]!)
env.allowRemoteModels = false
env.localModelPath = dirname(bundle)
const classify = await pipeline('zero-shot-image-classification', basename(bundle), { dtype: 'fp32' })

const drawings = { '1f34e': 'red apple', '1f408': 'cat', '1f697': 'automobile' }
const labels = [...Object.values(drawings), 'woman with headscarf', 'woman with headscarf and a red apple']
for (const [hexcode, name] of Object.entries(drawings)) {
  const file = `node_modules/@lobehub/fluent-emoji-3d/assets/${hexcode}.webp`
  const opaque = await sharp(file).flatten({ background: 'white' }).resize(32).png().toBuffer()
  const picture = await RawImage.fromBlob(new Blob([new Uint8Array(opaque)]))
  const answers = (await classify(picture, labels)) as { label: string; score: number }[]
  const scores = answers.map(({ score }) => score)
  console.log(name, answers.map(({ label, score }) => `${label} ${score.toFixed(3)}`).join(', '))
  assert.equal(new Set(scores).size, labels.length, `labels that look the same, asked for ${name}`)
  assert(Math.abs(scores.reduce((sum, score) => sum + score) - 1) < 1e-5, 'the probabilities do not sum to 1')
}
