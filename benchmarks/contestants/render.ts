import { random } from '../../src/core/index.ts'
import {
  type RenderOptions,
  type RenderScene,
  randomizeScene,
  render,
  renderLabels,
  renderState,
  sampleScene,
  tabletopRandomization,
  World,
} from '../../src/world/index.ts'
import { median, quantile } from '../statistics.ts'
import { serve, task } from './serve.ts'

/** How long pictures of the tabletop world take to draw, on one thread: every scene once a round. */
const { scenes, rounds } = task<{ scenes: number; rounds: number }>()
const [large, small] = [await drawnScenes(128), await drawnScenes(64)]
const varied = large.map((scene, i) => randomizeScene(scene, tabletopRandomization(), random(i, 'look')))
await serve(
  {
    plain128: timesOf(large, {}),
    smooth128: timesOf(large, { supersample: 2 }),
    randomized128: timesOf(varied, {}),
    randomizedSmooth128: timesOf(varied, { supersample: 2 }),
    smooth64: timesOf(small, { supersample: 2 }),
    labels128: times(large, renderLabels),
  },
  async () => ({}),
)

/** Scenes at the table and on the floor, in turn, as the robot sees them. */
async function drawnScenes(size: number): Promise<RenderScene[]> {
  const world = await World.open()
  world.reset({ setting: 'table', things: [] })
  const { tableHeight } = world.simulation
  const drawn = Array.from({ length: scenes }, (_, i) => {
    const setting = i % 2 === 0 ? 'table' : 'floor'
    world.reset(sampleScene(random(i, 'scene'), { setting, pairs: 'trained', tableHeight }))
    return renderState(world.simulation, { width: size, height: size })
  })
  world.dispose()
  return drawn
}

function timesOf(drawn: readonly RenderScene[], options: RenderOptions) {
  return times(drawn, (scene) => render(scene, options))
}

/** Milliseconds a picture, after three rounds that compile the code. */
function times(drawn: readonly RenderScene[], draw: (scene: RenderScene) => unknown) {
  const milliseconds: number[] = []
  for (let round = -3; round < rounds; round++) {
    for (const scene of drawn) {
      const start = performance.now()
      draw(scene)
      if (round >= 0) milliseconds.push(performance.now() - start)
    }
  }
  return { p50: median(milliseconds), p99: quantile(milliseconds, 0.99) }
}
