import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { BagWriter, bagEpisodes, LeRobotWriter, lerobot, readTopicMap } from '../../data/index.ts'
import { expertFor } from '../../world/demonstration/experts.ts'
import {
  type ActionSpace,
  datasetDefaults,
  episodeFeatures,
  RobotControl,
  robotNumbers,
  SceneMaker,
  World,
} from '../../world/index.ts'
import { rolloutsEvaluator } from '../acting/rollouts.ts'
import type { Subject } from '../suite/subject.ts'
import type { ControlPolicy } from './control-policy.ts'
import { drawActions } from './episode.ts'
import { type ControlFrame, EpisodeRecorder } from './episode-recorder.ts'
import { rollout, spectators, type TriedEpisode } from './rollout.ts'
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
async function knowing(
  action: 'pick' | 'put' = 'pick',
  episodes: number = options.episodes,
  actionSpace: ActionSpace = 'joints',
) {
  const maker = await SceneMaker.open({
    ...datasetDefaults,
    scenes: 1,
    commands: 1,
    captions: 1,
    seed: options.seed,
  })
  const world = await World.open()
  const plans = drawActions(maker, 'heldOutScenes', action, episodes).map(({ scene, command, text }) => {
    world.reset(scene)
    // None where a place is out of the arm's reach.
    const steps = [...(expertFor(world, command) ?? [])]
    const control = new RobotControl(world, { base: false, actionSpace })
    return [text, steps.map(({ joints, gripper }) => control.actionFor(joints, gripper, []))] as const
  })
  world.reset({ setting: 'table', things: [] })
  const { state, action: actions } = robotNumbers(world.simulation, { base: false, actionSpace })
  const numbers = { state_names: [...state], action_names: [...actions] }
  const sizes = { state_size: state.length, action_size: actions.length }
  world.dispose()
  const seen: string[][] = []
  const policy: ControlPolicy = {
    config: { ...config, ...numbers, ...sizes },
    reset() {},
    stream() {
      let step = 0
      return {
        async next({ cameras, state, command }) {
          if (step === 0) seen.push(Object.keys(cameras))
          expect(state).toHaveLength(sizes.state_size)
          const plan = new Map(plans).get(command!)!
          return plan[Math.min(step++, plan.length - 1)] ?? Array.from(state as readonly number[])
        },
        reset() {},
      }
    },
  }
  return { policy, seen }
}

/** Recorders of both forms in a directory, and all that they receive. */
function recording(home: string) {
  const frames: ControlFrame[] = []
  const recorders = [
    new EpisodeRecorder(async (content) => new BagWriter(join(home, 'mcap'), content)),
    new EpisodeRecorder((content) => LeRobotWriter.open(join(home, 'lerobot'), content)),
  ]
  const nothing = () => {}
  const own = { onBegin: nothing, onLook: nothing, onStep: nothing, onEnd: nothing }
  const spectator = spectators([
    ...recorders,
    { ...own, onFrame: (frame: ControlFrame) => frames.push(frame) },
  ])
  return { frames, recorders, spectator }
}

/** Recordings hold what the policy saw, felt and did, what it was told, and how it ended. */
async function requireRecorded(
  home: string,
  frames: readonly ControlFrame[],
  tried: readonly TriedEpisode[],
): Promise<void> {
  const bags = await bagEpisodes(
    join(home, 'mcap', '*.mcap'),
    readTopicMap(join(home, 'mcap', 'topics.json')),
  )
  const recorded = await Readable.from(bags.frames()).toArray()
  expect(recorded).toHaveLength(frames.length)
  for (const [i, { episode, frame, values }] of recorded.entries()) {
    expect(values['observation.state']).toEqual(frames[i]!.state)
    expect(values.action).toEqual(frames[i]!.action)
    expect(values.task).toBe(tried[episode]!.episode.text)
    const isLast = recorded[i + 1]?.episode !== episode
    expect([values['next.done'], values['next.success']]).toEqual([[Number(isLast)], [Number(isLast)]])
    expect(frame === 0).toBe(i === 0 || recorded[i - 1]!.episode !== episode)
  }
  const source = lerobot(join(home, 'lerobot'), { deltaTimestamps: { 'next.success': [0] } })
  expect(source.cameras).toEqual(config.cameras)
  const samples = await Readable.from(source.samples()).toArray()
  for (const [i, { arrays, captions }] of samples.entries()) {
    expect(arrays['observation.state'].data).toEqual(Float32Array.from(frames[i]!.state))
    expect(captions).toEqual([recorded[i]!.values.task])
  }
  expect(samples).toHaveLength(frames.length)
}

describe('closed loop', () => {
  test('what does as it is told succeeds, and fails at what others are told, in a suite and recorded too', async () => {
    const { policy, seen } = await knowing()
    const home = mkdtempSync(join(tmpdir(), 'visuomotor-recorded-'))
    const { frames, recorders, spectator } = recording(home)
    const tried: TriedEpisode[] = []
    for await (const each of rollout(policy, options, spectator)) {
      tried.push(each as TriedEpisode)
      for (const recorder of recorders) await recorder.save()
    }
    for (const recorder of recorders) await recorder.close()
    await requireRecorded(home, frames, tried)
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
    // Every bit comes out again, where nothing is recorded.
    expect(picking!.heldOutScenes).toEqual(summarizeRollout(tried).picking!.heldOutScenes)
  })

  test('a put tells whether the thing was ever lifted', async () => {
    const { policy } = await knowing('put', 3)
    const still: ControlPolicy['stream'] = () => ({
      next: async ({ state }) => Array.from((state ?? []) as readonly number[]),
      reset() {},
    })
    const liftedBy = async (one: ControlPolicy) => {
      const lifted: unknown[] = []
      for await (const tried of rollout(one, { ...options, tasks: ['putting'], episodes: 3 }))
        lifted.push((tried as TriedEpisode).outcomes.putting!.measures.lifted)
      return lifted
    }
    expect(await liftedBy(policy)).toContain(1)
    expect(new Set(await liftedBy({ ...policy, stream: still }))).toEqual(new Set([0]))
  })

  test('a policy whose actions are poses of the hand is moved by inverse kinematics', async () => {
    const { policy } = await knowing('pick', 3, 'ee')
    expect(policy.config.action_names).toContain('ee.x')
    let picked = 0
    for await (const tried of rollout(policy, { ...options, episodes: 3 }))
      picked += Number((tried as TriedEpisode).outcomes.picking!.success)
    expect(picked).toBeGreaterThanOrEqual(2)
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
