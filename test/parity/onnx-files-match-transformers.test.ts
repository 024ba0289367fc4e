import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type HostArray, hostArray, readSafetensors } from '../../src/core/index.ts'
import { parseModelConfig } from '../../src/deploy/model-config.ts'
import { onnxFiles } from '../../src/deploy/onnx-files.ts'
import { readWeights } from '../../src/deploy/weights.ts'
import { Engine, toHost } from '../../src/engine/index.ts'
import { buildModel } from '../../src/models/index.ts'

const golden = join(import.meta.dirname, '../golden')

/** The first rows of an array. */
const first = (count: number, { dtype, shape, data }: HostArray): HostArray => {
  const [rows, ...rest] = shape as [number, ...number[]]
  return hostArray(dtype, [count, ...rest], data.subarray(0, (data.length / rows) * count))
}

// Not those where words inside a text are masked: the files take no attention mask.
describe.each(['clip/quick-gelu', 'clip/legacy-eos', 'siglip/gelu-tanh', 'vision-text/mean'])(
  '%s',
  (name) => {
    const arrays = (part: string) => readSafetensors(join(golden, name, `${part}.safetensors`)).tensors
    const config = join(golden, name, 'config.json')
    const settings = JSON.parse(readFileSync(config, 'utf8'))
    const model = buildModel(parseModelConfig(settings, config))
    const { eos_token_id, pad_token_id: padId } = settings.text_config
    const { weights } = readWeights([join(golden, name, 'model.safetensors')], model)
    const files = new Map(onnxFiles(model, weights, { endId: eos_token_id ?? undefined, padId }))
    const inputs = arrays('inputs')
    const expected = arrays('outputs')
    const [ids, pixels] = [inputs.get('input_ids')!, inputs.get('pixel_values')!]

    async function run(file: string, feeds: Record<string, HostArray>) {
      const program = await new Engine().load(files.get(file)!)
      expect([...program.inputNames].sort()).toEqual(Object.keys(feeds).sort())
      const results = await program.run(feeds)
      const values: Record<string, { shape: readonly number[]; data: Float32Array }> = {}
      for (const [key, tensor] of Object.entries(results)) {
        values[key] = { shape: tensor.dims, data: await toHost(tensor, 'float32') }
      }
      return values
    }

    function expectClose(
      actual: { shape: readonly number[]; data: Float32Array } | undefined,
      wanted: HostArray,
    ) {
      expect(actual!.shape).toEqual(wanted.shape)
      const values = wanted.data as Float32Array
      const scale = Math.max(...values.map(Math.abs))
      expect(Math.max(...values.map((value, i) => Math.abs(value - actual!.data[i]!))) / scale).toBeLessThan(
        1e-4,
      )
    }

    test('model.onnx gives the similarities and unit vectors of the Python model', async () => {
      const results = await run('model', { input_ids: ids, pixel_values: pixels })
      for (const key of ['logits_per_image', 'text_embeds', 'image_embeds']) {
        expectClose(results[key], expected.get(key)!)
      }
    })

    test('model.onnx takes other numbers of images than texts', async () => {
      const [images, texts] = [2, 3]
      const results = await run('model', {
        input_ids: first(texts, ids),
        pixel_values: first(images, pixels),
      })
      const { data, shape } = expected.get('logits_per_image')!
      const square = (image: number, text: number) => data[image * shape[1]! + text] as number
      expect(results.logits_per_image!.shape).toEqual([images, texts])
      expect(results.logits_per_text!.shape).toEqual([texts, images])
      for (let image = 0; image < images; image++) {
        for (let text = 0; text < texts; text++) {
          expect(results.logits_per_image!.data[image * texts + text]).toBeCloseTo(square(image, text), 3)
          expect(results.logits_per_text!.data[text * images + image]).toBeCloseTo(square(image, text), 3)
        }
      }
    })

    test('the towers alone give features that are not normalized', async () => {
      const names = name.startsWith('siglip')
        ? ['pooler_output', 'pooler_output']
        : ['text_embeds', 'image_embeds']
      const text = await run('text_model', { input_ids: ids })
      const image = await run('vision_model', { pixel_values: pixels })
      expectClose(text[names[0]!], expected.get('text_features')!)
      expectClose(image[names[1]!], expected.get('image_features')!)
    })
  },
)
