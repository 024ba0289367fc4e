import { random, WorldError } from '../../../core/index.ts'
import {
  encodePng,
  isNamed,
  loadMujoco,
  type Mujoco,
  ownRobot,
  type Rendering,
  render,
  renderState,
  type Scene,
  type Setting,
  Simulation,
  sampleScene,
  settingOfNumber,
} from '../../../world/index.ts'
import { type CaptionPair, captionPair, type SwapKind } from './caption-pair.ts'
import { tellsApart } from './caption-truth.ts'

/** A picture with a caption that is true of it and one that is not. */
export interface SwapTest extends CaptionPair {
  /** Number among the tests of its kind, from 0. */
  readonly number: number
  readonly kind: SwapKind
  readonly scene: Scene
  /** PNG. */
  readonly picture: Uint8Array
}

/** Scenes that are drawn for a pair of captions before it is given up; about one in thirty fits. */
const attempts = 20_000

/** Least pixels of every nameable object in a picture of 64 by 64, as data sets require of what is asked for. */
const leastPixels = 12 / 64 ** 2

/** Maker of tests by swapped captions, each from the seed, its kind and number alone; tables and floors in turn. */
export class SwapScenes {
  readonly #mujoco: Mujoco
  readonly #tableHeight: number
  readonly #seed: number
  readonly #size: number

  private constructor(mujoco: Mujoco, seed: number, size: number) {
    const empty = new Simulation(mujoco, { setting: 'table', things: [] }, ownRobot)
    this.#mujoco = mujoco
    this.#tableHeight = empty.tableHeight
    this.#seed = seed
    this.#size = size
    empty.dispose()
  }

  /** @param size Side of the pictures in pixels. */
  static async open(seed: number, size: number): Promise<SwapScenes> {
    return new SwapScenes(await loadMujoco(), seed, size)
  }

  /**
   * Make the test of a number.
   * @throws WorldError `evaluation/no-scene` when no scene of 20,000 tells the captions apart.
   */
  async make(kind: SwapKind, number: number): Promise<SwapTest> {
    const stream = (purpose: string) => random(this.#seed, 'compositionality', kind, number, purpose)
    const setting: Setting = settingOfNumber[number % settingOfNumber.length]!
    const pair = captionPair(kind, setting, stream('captions'))
    const scenes = stream('scenes')
    for (let attempt = 0; attempt < attempts; attempt++) {
      const scene = sampleScene(scenes, { setting, pairs: 'trained', tableHeight: this.#tableHeight })
      if (!tellsApart(pair, scene)) continue
      const rendering = this.#draw(scene, stream('noise').integer(2 ** 31))
      if (showsAll(rendering, scene))
        return { ...pair, kind, number, scene, picture: await encodePng(rendering) }
    }
    const { right, swapped } = pair
    throw new WorldError(
      'evaluation/no-scene',
      `none of ${attempts} scenes makes "${right.text}" true and "${swapped.text}" false`,
      { kind, number, right: right.text, swapped: swapped.text },
    )
  }

  #draw(scene: Scene, seed: number): Rendering {
    const simulation = new Simulation(this.#mujoco, scene, ownRobot)
    try {
      return render(renderState(simulation, { width: this.#size, height: this.#size }), {
        supersample: 2,
        seed,
      })
    } finally {
      simulation.dispose()
    }
  }
}

/** Every nameable object can be seen, so that a caption can be judged by the picture. */
function showsAll({ width, height, segmentation }: Rendering, { things }: Scene): boolean {
  const pixels = new Array<number>(things.length + 1).fill(0)
  for (const id of segmentation) if (id > 0) pixels[id]! += 1
  return things.every((thing, i) => !isNamed(thing) || pixels[i + 1]! >= leastPixels * width * height)
}
