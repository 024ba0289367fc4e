import { serve, task, timed } from '../contestants/serve.ts'
import type { ContestantTask } from '../contestants.ts'
import { FunctionalClip } from './functional-clip.ts'
import { readPeerCase, writePeerGradients } from './peer-case.ts'
import { tfjsOperations } from './tfjs-operations.ts'
import type { Tensor, TensorFlow } from './tfjs-types.ts'

/** TensorFlow.js on its WebAssembly backend, as a contestant. In Node it has SIMD, but only one thread. */
const { directory, gradients } = task<ContestantTask>()
const [library, backend] = ['@tensorflow/tfjs', '@tensorflow/tfjs-backend-wasm']
const tf = (await import(library)) as TensorFlow
await import(backend)
await tf.setBackend('wasm')

const { config, plan, batch, weights, inputs: arrays } = readPeerCase(directory)
const names = [...weights.keys()]
const inputs = {
  pixelValues: tf.tensor(arrays.pixelValues.data, arrays.pixelValues.shape, 'float32'),
  inputIds: tf.tensor(arrays.inputIds.data, arrays.inputIds.shape, 'int32'),
  ends: tf.tensor(arrays.ends.data, arrays.ends.shape, 'float32'),
}
const clip = new FunctionalClip(tfjsOperations(tf), config, batch)
const differentiate = tf.valueAndGrads((...values) =>
  clip.loss(Object.fromEntries(names.map((name, i) => [name, values[i]!])), inputs),
)
const zeros = () => names.map((name) => tf.zeros(weights.get(name)!.shape))
let state = {
  values: names.map((name) => tf.tensor(weights.get(name)!.data, weights.get(name)!.shape, 'float32')),
  means: zeros(),
  variances: zeros(),
}
weights.clear()
let steps = 0

const loss = await step(gradients)
globalThis.gc?.()
await serve<{ steps: number }>({ loss }, async ({ steps }) => {
  const losses: number[] = []
  const milliseconds = await timed(steps, async () => losses.push(await step()))
  return { milliseconds, losses }
})

async function step(file?: string): Promise<number> {
  const { value, grads } = tf.tidy(() => differentiate(state.values))
  const read = (name: string) => grads[names.indexOf(name)]!.data()
  if (file !== undefined) await writePeerGradients(file, names, read)
  steps++
  const next = tf.tidy(() => update(grads))
  tf.dispose([...grads, ...Object.values(state).flat()])
  state = next
  const [loss] = await value.data()
  value.dispose()
  return loss!
}

/** AdamW with the gradients clipped, as a new state. */
function update(gradients: readonly Tensor[]): typeof state {
  const { learningRate, beta1, beta2, epsilon, weightDecay, clipNorm, decayed } = plan
  const norm = tf.addN(gradients.map((gradient) => gradient.square().sum())).sqrt()
  const clip = tf.tensor([clipNorm], [], 'float32').div(norm.add(1e-6)).minimum(1)
  const correction1 = 1 - beta1 ** steps
  const correction2 = 1 - beta2 ** steps
  const next: typeof state = { values: [], means: [], variances: [] }
  gradients.forEach((unclipped, i) => {
    const gradient = unclipped.mul(clip)
    const mean = state.means[i]!.mul(beta1).add(gradient.mul(1 - beta1))
    const variance = state.variances[i]!.mul(beta2).add(gradient.square().mul(1 - beta2))
    const direction = mean.div(variance.div(correction2).sqrt().add(epsilon))
    const kept = decayed.includes(names[i]!) ? 1 - learningRate * weightDecay : 1
    next.values.push(state.values[i]!.mul(kept).sub(direction.mul(learningRate / correction1)))
    next.means.push(mean)
    next.variances.push(variance)
  })
  return next
}
