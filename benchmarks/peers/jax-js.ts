import { serve, task, timed } from '../contestants/serve.ts'
import type { ContestantTask } from '../contestants.ts'
import { FunctionalClip } from './functional-clip.ts'
import { jaxOperations } from './jax-operations.ts'
import type { Jax, JaxArray, Tree } from './jax-types.ts'
import { readPeerCase, writePeerGradients } from './peer-case.ts'
import './web-worker.ts'

/** jax-js on its WebAssembly backend, compiled with `jit`, as a contestant. */
const { directory, gradients } = task<ContestantTask>()
const library = '@jax-js/jax'
const jax = (await import(library)) as Jax
const { numpy: np } = jax
await jax.init('wasm')
jax.defaultDevice('wasm')

type Named = Record<string, JaxArray>
type State = { values: Named; means: Named; variances: Named }

const { config, plan, batch, weights, inputs: arrays } = readPeerCase(directory)
const shapes = Array.from(weights, ([name, { shape }]) => [name, shape] as const)
const inputs = {
  pixelValues: np.array(arrays.pixelValues.data, arrays.pixelValues),
  inputIds: np.array(arrays.inputIds.data, arrays.inputIds),
  ends: np.array(arrays.ends.data, arrays.ends),
}
const clip = new FunctionalClip(jaxOperations(jax), config, batch)
const differentiate = jax.jit(
  jax.valueAndGrad((values: Named, batch: typeof inputs) => clip.loss(values, batch)),
)
const update = jax.jit(adamW)
const zeros = () => Object.fromEntries(shapes.map(([name, shape]) => [name, np.zeros(shape)]))
let state: State = {
  values: Object.fromEntries(Array.from(weights, ([name, value]) => [name, np.array(value.data, value)])),
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
  const [loss, gradient] = differentiate(jax.tree.ref(state.values), jax.tree.ref(inputs))
  if (file !== undefined) {
    await writePeerGradients(file, Object.keys(gradient), (name) => gradient[name]!.ref.data())
  }
  steps++
  const { beta1, beta2 } = plan
  const corrections = [1 / (1 - beta1 ** steps), 1 / (1 - beta2 ** steps)]
  state = update(state, gradient, np.array(corrections, { shape: [2], dtype: 'float32' }))
  await jax.blockUntilReady(state as Tree)
  return (await loss.data())[0]!
}

/** AdamW with the gradients clipped, as a new state. */
function adamW({ values, means, variances }: State, gradients: Named, corrections: JaxArray): State {
  const { learningRate, beta1, beta2, epsilon, weightDecay, clipNorm, decayed } = plan
  const squares = Object.values(gradients).map((gradient) => np.square(gradient.ref).sum())
  const norm = np.sqrt(squares.reduce((sum, square) => sum.add(square)))
  const limit = np.array([clipNorm], { shape: [], dtype: 'float32' })
  const clip = np.minimum(limit.div(norm.add(1e-6)), 1)
  const next: State = { values: {}, means: {}, variances: {} }
  for (const [name] of shapes) {
    const gradient = gradients[name]!.mul(clip.ref)
    const mean = means[name]!.mul(beta1).add(gradient.ref.mul(1 - beta1))
    const variance = variances[name]!.mul(beta2).add(np.square(gradient).mul(1 - beta2))
    const deviation = np.sqrt(variance.ref.mul(corrections.ref.slice(1))).add(epsilon)
    const direction = mean.ref.mul(corrections.ref.slice(0)).div(deviation)
    const kept = decayed.includes(name) ? 1 - learningRate * weightDecay : 1
    next.values[name] = values[name]!.mul(kept).sub(direction.mul(learningRate))
    next.means[name] = mean
    next.variances[name] = variance
  }
  return next
}
