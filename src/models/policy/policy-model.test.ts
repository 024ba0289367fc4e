import { describe, expect, it } from 'vitest'
import { everyHead, smallPolicy } from '../../../test/training/synthetic-policy.ts'
import { float32, type HostArray, int64, random } from '../../core/index.ts'
import { Arena, arenaLayout, Engine } from '../../engine/index.ts'
import { input } from '../../graph/index.ts'
import { namedParameters } from '../../nn/index.ts'
import { ClipModel } from '../clip/clip-model.ts'
import { clipConfig } from '../clip/config.ts'
import { policyConfig } from './config.ts'
import { policy } from './policy-config.ts'
import type { PolicyModel } from './policy-model.ts'
import { PolicyPrograms } from './policy-programs.ts'

const engine = new Engine({ threads: 1 })

/** The model with random weights, changed by name. */
async function programsOf(
  model: PolicyModel,
  changed: Readonly<Record<string, (value: Float32Array) => void>> = {},
) {
  const parameters = [...namedParameters(model)]
  const values = parameters.map(([name, { shape, initialize }]) => {
    const data = initialize(shape, random(7, 'initialize', name))
    changed[name]?.(data)
    return [name, float32(shape, data)] as const
  })
  const layout = arenaLayout([parameters.map(([name, { shape }]) => ({ name, shape }))])
  const arena = await Arena.create(engine, layout)
  await arena.write(new Map(values))
  return PolicyPrograms.create(engine, model, arena)
}

const stream = random(1, 'pixels')
const pixels = (count: number): HostArray =>
  float32(
    [count, 3, 16, 16],
    Array.from({ length: count * 768 }, () => stream.normal()),
  )

describe('a policy model', () => {
  it('has the towers of a CLIPModel, name for name and shape for shape', () => {
    const model = smallPolicy()
    const clip = new ClipModel(clipConfig.parse({ ...model.config, model_type: 'clip' }))
    const own = namedParameters(model)
    const towers = [...namedParameters(clip)].filter(([name]) => /^(vision|text)_model\./.test(name))
    expect(towers.length).toBeGreaterThan(30)
    for (const [name, { shape }] of towers) expect(own.get(name)?.shape, name).toEqual(shape)
    expect([...own.keys()]).toContain('heads.detection.layers.1.weight')
  })

  it('gives every head what its kind has, for batches of any size', async () => {
    const programs = await programsOf(smallPolicy())
    for (const count of [1, 3]) {
      const ids = int64([count, 8], Array(count).fill([62, 1, 2, 63, 63, 63, 63, 63]).flat())
      const { heads, attention } = await programs.run(pixels(count), ids)
      const sizes = Object.fromEntries(
        Object.entries(heads).map(([name, outputs]) => [
          name,
          Object.fromEntries(Object.entries(outputs).map(([key, values]) => [key, values.length / count])),
        ]),
      )
      expect(sizes).toEqual({
        detection: { box: 4, category: 3 },
        grasping: { values: 6 },
        navigation: { values: 3 },
        manipulation: { values: 2 },
        weight: { values: 1 },
        kind: { category: 3 },
      })
      expect(attention).toHaveLength(16 * count)
      expect(attention.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(count, 5)
    }
  })

  it('drops what each head says, or else the model', () => {
    const { detection, kind, navigation } = everyHead
    const heads = { detection: { ...detection, dropout: 0.3 }, kind: { ...kind, dropout: 0 }, navigation }
    const model = smallPolicy(heads, 0.2)
    namedParameters(model)
    const rates: [width: number, rate: number][] = []
    model.forward(input('pixels', [1, 3, 16, 16]), input('ids', [1, 8], 'int64'), (x, rate) => {
      rates.push([x.shape.at(-1)!, rate])
      return x
    })
    expect(rates).toEqual([
      [64, 0.2],
      [32, 0.3],
      [16, 0],
      [8, 0],
      [32, 0.2],
    ])
    const { config } = model
    expect(policyConfig.parse(JSON.parse(JSON.stringify(config)))).toEqual(config)
    expect(Object.keys(config.heads.navigation!)).not.toContain('dropout')
  })

  it('sees no padding, and every word', async () => {
    const programs = await programsOf(smallPolicy())
    const image = pixels(1)
    const grasp = async (...tokens: number[]) =>
      Array.from((await programs.run(image, int64([1, 8], tokens))).heads.grasping!.values!)
    const command = await grasp(62, 5, 6, 63, 63, 63, 63, 63)
    expect(await grasp(62, 5, 6, 63, 9, 10, 11, 12)).toEqual(command)
    expect(await grasp(62, 5, 7, 63, 63, 63, 63, 63)).not.toEqual(command)
    expect(await grasp(62, 4, 6, 63, 63, 63, 63, 63)).not.toEqual(command)
  })

  it('begins with boxes of the usual sides around the place that it points at, and heads at their means', async () => {
    const heads = {
      detection: { ...everyHead.detection, mean: [0.3, 0.1] },
      grasping: everyHead.grasping,
    }
    const nothing = (value: Float32Array) => void value.fill(0)
    const programs = await programsOf(smallPolicy(heads), {
      'heads.detection.layers.1.weight': nothing,
      'heads.grasping.layers.1.weight': nothing,
      // No query: every glance takes in the whole image alike, whose middle is its place.
      'read_out.q_proj.weight': nothing,
    })
    const values = await programs.run(pixels(1), int64([1, 8], [62, 1, 63, 63, 63, 63, 63, 63]))
    const box = [0.35, 0.45, 0.65, 0.55]
    values.heads.detection!.box!.forEach((side, i) => {
      expect(side).toBeCloseTo(box[i]!, 5)
    })
    values.heads.grasping!.values!.forEach((number, i) => {
      expect(number).toBeCloseTo(everyHead.grasping.mean[i]!, 6)
    })
  })

  it('never gives a box whose sides lie the wrong way round', async () => {
    const programs = await programsOf(smallPolicy(), {
      'heads.detection.layers.1.bias': (value) => value.set([0, 0, -50, 50]),
    })
    const ids = int64([4, 8], Array(4).fill([62, 1, 63, 63, 63, 63, 63, 63]).flat())
    const boxes = (await programs.run(pixels(4), ids)).heads.detection!.box!
    for (let i = 0; i < 16; i += 4) {
      expect(boxes[i]!).toBeLessThan(boxes[i + 2]!)
      expect(boxes[i + 1]!).toBeLessThan(boxes[i + 3]!)
    }
    expect(boxes.every(Number.isFinite)).toBe(true)
  })
})

describe('the config of a policy', () => {
  it.each([
    [{ heads: {} }, /at least one head/],
    [{ heads: { Grasping: { kind: 'pose', label: 'grasp' } } }, /small letter first/],
    [{ heads: { grasping: { kind: 'posture', label: 'grasp' } } }, /kind/i],
    [{ heads: { grasping: { kind: 'pose', label: 'grasp', classes: 3 } } }, /classes/],
    [{ heads: { joints: { kind: 'joints', label: 'joints' } }, dropout: 1 }, /dropout/],
    [{ heads: { joints: { kind: 'joints', label: 'joints', dropout: -0.1 } } }, /dropout/],
  ])('refuses %j', (config, message) => {
    const { success, error } = policyConfig.safeParse(config)
    expect(success).toBe(false)
    expect(JSON.stringify(error?.issues)).toMatch(message)
  })

  it('has as defaults 80 classes, 7 joints, 512 shared, 256 hidden', () => {
    const { heads, shared_size, dropout } = policy({
      image: { size: 64, patch: 8, width: 64, depth: 1, heads: 2 },
      text: { length: 16, width: 64, depth: 1, heads: 2 },
      fusion: { width: 64, depth: 1, heads: 2 },
      heads: {
        detection: { kind: 'detection', box: 'box', category: 'category' },
        manipulation: { kind: 'joints', label: 'joints' },
      },
    })
    expect({ shared_size, dropout }).toEqual({ shared_size: 512, dropout: 0.1 })
    expect(heads.detection).toMatchObject({ classes: 80, hidden: [256] })
    expect(heads.manipulation).toMatchObject({ length: 7, hidden: [256] })
  })
})
