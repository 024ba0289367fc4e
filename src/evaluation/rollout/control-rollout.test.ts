import { describe, expect, test } from 'vitest'
import { expertFor } from '../../world/demonstration/experts.ts'
import { datasetDefaults, episodeFeatures, SceneMaker, World } from '../../world/index.ts'
import { rolloutsEvaluator } from '../acting/rollouts.ts'
import type { Subject } from '../suite/subject.ts'
import type { ControlPolicy } from './control-policy.ts'
import { drawActions } from './episode.ts'
import { rollout, type TriedEpisode } from './rollout.ts'
import { summarizeRollout } from './summary.ts'

const names = [
  ...['shoulder_pitch', 'shoulder_roll', 'shoulder_yaw', 'elbow'],
  ...['wrist_yaw', 'wrist_pitch', 'wrist_roll', 'gripper'],
]
const config = {
  cameras: [episodeFeatures.head, episodeFeatures.wrist],
  state_names: names,
  action_names: names,
  state_size: 8,
  action_size: 8,
}
const options = {
  tasks: ['picking'],
  splits: ['heldOutScenes'],
  episodes: 2,
  seed: 6,
  size: 16,
} as const

/** A policy that knows the expert's plans by their commands, and what it has seen. */
async function knowing() {
  const maker = await SceneMaker.open({
    ...datasetDefaults,
    scenes: 1,
    commands: 1,
    captions: 1,
    seed: options.seed,
  })
  const world = await World.open()
  const plans = drawActions(maker, 'heldOutScenes', 'pick', options.episodes).map(
    ({ scene, command, text }) => {
      world.reset(scene)
      const steps = [...expertFor(world, command)!]
      return [text, steps.map(({ joints, gripper }) => [...joints, gripper])] as const
    },
  )
  world.dispose()
  const seen: string[][] = []
  const policy: ControlPolicy = {
    config,
    reset() {},
    stream() {
      let step = 0
      return {
        async next({ cameras, state, command }) {
          if (step === 0) seen.push(Object.keys(cameras))
          expect(state).toHaveLength(8)
          const plan = new Map(plans).get(command!)!
          return plan[Math.min(step++, plan.length - 1)]!
        },
        reset() {},
      }
    },
  }
  return { policy, seen }
}

describe('closed loop', () => {
  test('what does as it is told succeeds, and fails at what others are told, in a suite too', async () => {
    const { policy, seen } = await knowing()
    const tried: TriedEpisode[] = []
    for await (const each of rollout(policy, options)) tried.push(each as TriedEpisode)
    expect(seen[0]).toEqual(config.cameras)
    const summary = { episodes: 2, successes: 2, control: { successes: 0 } }
    expect(summarizeRollout(tried).picking!.heldOutScenes).toMatchObject(summary)
    const [one] = tried
    expect(one!.outcomes.picking!.measures.raised).toBeGreaterThan(0.05)
    expect(one!.outcomes.picking!.measures.seconds).toBeLessThan(3)

    const judged = {
      ...rolloutsEvaluator.schema.parse({
        kind: 'rollouts',
        tasks: ['picking'],
        splits: ['heldOutScenes'],
        episodes: 2,
      }),
      film: false,
    }
    const chunkPolicy = { ...policy, description: { image: { size: options.size } } }
    const subject = { chunkPolicy, policy: undefined, seed: options.seed, uses() {} } as unknown as Subject
    expect(rolloutsEvaluator.refusal(subject, judged)).toBeUndefined()
    expect(rolloutsEvaluator.refusal(subject, { ...judged, tasks: ['grasping'] })).toMatch(/predict once/)
    const found = await rolloutsEvaluator.evaluate(subject, judged)
    expect(found.metrics['heldOutScenes.picking']).toMatchObject({ value: 1 })
    const { picking } = (found.details as { summary: ReturnType<typeof summarizeRollout> }).summary
    // Every bit comes out again.
    expect(picking!.heldOutScenes).toEqual(summarizeRollout(tried).picking!.heldOutScenes)
  })

  test('a policy of another robot is refused before anything moves', async () => {
    const { policy } = await knowing()
    const first = (change: object) => rollout({ ...policy, config: { ...config, ...change } }, options).next()
    await expect(first({ cameras: ['observation.images.top'] })).rejects.toThrow(/it sees by .*top/)
    await expect(first({ action_names: names.slice(1), action_size: 7 })).rejects.toThrow(
      /its action is \[shoulder_roll/,
    )
    await expect(first({ state_names: null, state_size: 6 })).rejects.toThrow(/its state is 6 numbers/)
  })
})
