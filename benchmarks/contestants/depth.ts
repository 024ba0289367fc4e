import { hostArray, zeros } from '../../src/core/index.ts'
import { rewrite, topologicalOrder } from '../../src/graph/index.ts'
import { ClipModel, dualEncoder } from '../../src/models/index.ts'
import { adamW } from '../../src/optim/index.ts'
import { alone, contrastiveTask, prepareTraining } from '../../src/training/index.ts'
import { serve, task } from './serve.ts'
import { WatchedEngine } from './watched-engine.ts'

/** How long the programs of narrow towers take to build and to load, by their depth. */
const { layers } = task<{ layers: readonly number[] }>()
await measure(1) // compiles this code
const depths = []
for (const count of layers) depths.push(await measure(count))
await serve({ depths }, async () => ({}))

async function measure(layers: number) {
  const tower = { width: 32, heads: 1, depth: layers }
  const config = dualEncoder({
    image: { ...tower, size: 16, patch: 8 },
    text: { ...tower, length: 8 },
    projection: 128,
  })
  const learner = contrastiveTask(
    new ClipModel({ ...config, text_config: { ...config.text_config, vocab_size: 64 } }),
  )
  const engine = new WatchedEngine()
  const { state } = await prepareTraining({ task: learner, engine, optimizer: adamW(), seed: 0 })
  const arrays = {
    pixelValues: zeros('float32', [2, 3, 16, 16]),
    inputIds: zeros('int64', [2, 8]),
    concepts: hostArray('int64', [2], BigInt64Array.of(0n, 1n)),
  }
  const start = performance.now()
  await learner.computeGradients([{ ids: ['0', '1'], arrays }], state, alone)
  const { outputs, started, milliseconds } = engine.compiled.at(-1)!
  return {
    layers,
    nodes: topologicalOrder(Object.values(rewrite(outputs))).length,
    buildMilliseconds: started - start,
    sessionMilliseconds: milliseconds,
  }
}
