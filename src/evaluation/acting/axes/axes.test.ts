import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { random } from '../../../core/index.ts'
import { World } from '../../../world/index.ts'
import type { Episode } from '../../rollout/episode.ts'
import { commandedScenes } from '../commanded-scenes.ts'
import { type ActingSetup, perturbed, unperturbed } from '../perturbed.ts'
import { type Axis, severities } from './axis.ts'
import { axes, axisNames } from './index.ts'
import { isLegible } from './language.ts'

let world: World
let setup: ActingSetup
const choice = { split: 'heldOutScenes', count: 1, seed: 3, size: 32 } as const
let right: Episode
beforeAll(async () => {
  world = await World.open()
  setup = { world, tasks: ['detection'], seed: 3, size: 32 }
  right = (await commandedScenes('table', choice)).scenes[0]!.right
})
afterAll(() => world.dispose())

test.each(axisNames)('%s is the same for the same seed, and stronger by severity', async (name) => {
  const axis: Axis = axes[name]
  expect(new Set(severities.map((severity) => axis.levels[severity])).size).toBe(5)
  const seen: string[] = []
  for (const severity of [1, 5] as const) {
    const made = async () => {
      const found = await perturbed(setup, right, name, severity)
      if (typeof found === 'string') throw new Error(found)
      const { episode, conditions } = found
      world.reset(episode.scene, conditions.posture)
      const picture = Buffer.from(world.observe(conditions.eyes).color).toString('base64')
      const { things } = episode.scene
      return JSON.stringify([picture, episode.text, things, conditions.posture, conditions.latency])
    }
    const first = await made()
    expect(await made()).toBe(first)
    seen.push(first)
  }
  world.reset(right.scene)
  const plain = Buffer.from(world.observe(unperturbed(setup, right).conditions.eyes).color).toString('base64')
  seen.push(JSON.stringify([plain, right.text, right.scene.things, undefined, undefined]))
  expect(new Set(seen).size).toBe(3)
})

describe('a perturbed scene', () => {
  test('has the right answers of what is seen there', async () => {
    const moved = await perturbed(setup, right, 'camera', 3)
    if (typeof moved === 'string') throw new Error(moved)
    expect(moved.episode.command.labels.box).not.toEqual(right.command.labels.box)
    expect(moved.episode.command.labels.joints).toEqual(right.command.labels.joints)
    const lit = await perturbed(setup, right, 'light', 5)
    expect(typeof lit === 'string' || lit.episode.command.labels).toEqual(right.command.labels)
  })

  test('is refused where the object is out of sight, or the command means another', async () => {
    const axis = axes.camera as { perturb: Axis['perturb'] }
    const own = axis.perturb
    const far = (x: number) => ({ position: [x, 0, 0.72] as const })
    try {
      axis.perturb = () => ({ change: (scene) => ({ ...scene, objects: [] }) })
      expect(await perturbed(setup, right, 'camera', 1)).toBe('world/no-answer')
      const { things } = right.scene
      axis.perturb = () => ({
        scene: { setting: 'table', things: things.map((thing) => ({ ...thing, ...far(3) })) },
      })
      expect(typeof (await perturbed(setup, right, 'camera', 1))).toBe('string')
      axis.perturb = () => undefined
      expect(await perturbed(setup, right, 'camera', 1)).toBe('unsayable')
    } finally {
      axis.perturb = own
    }
  })

  test('is refused where the expert fails', async () => {
    const physical: ActingSetup = { ...setup, tasks: ['manipulation'] }
    const axis = axes.posture as { perturb: Axis['perturb'] }
    const own = axis.perturb
    try {
      expect(await perturbed(physical, right, 'posture', 1)).toBeTypeOf('object')
      // The hand begins below the table, through which it cannot come.
      axis.perturb = () => ({ posture: { shoulder_pitch: 0.9, elbow: 0.2, shoulder_roll: 0 } })
      expect(await perturbed(physical, right, 'posture', 1)).toBeTypeOf('string')
    } finally {
      axis.perturb = own
    }
  })
})

test('typos leave every name nearest to itself', () => {
  expect(isLegible('pikc up the rde cpu', 'pick up the red cup')).toBe(true)
  expect(isLegible('pick up the red cap', 'pick up the red cup')).toBe(true)
  expect(isLegible('pick up the red bop', 'pick up the red box')).toBe(true)
  expect(isLegible('pick up the red toy', 'pick up the red box')).toBe(false)
  expect(isLegible('pick up the re dbox', 'pick up the red box')).toBe(true)
  expect(isLegible('pick up thered box', 'pick up the red box')).toBe(false)
  const sentences = axes.language.perturb(right, 5, random(1, 'typos'), world)
  expect(sentences?.text).not.toBe(right.text)
})
