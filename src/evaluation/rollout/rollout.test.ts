import { describe, expect, test } from 'vitest'
import { pointOutOf, type SceneRecord, type Vector3 } from '../../world/index.ts'
import { drawForCommand, type Episode, type RefusedScene } from './episode.ts'
import { answerIn, givenCommand } from './given-command.ts'
import { type RolloutTask, rolloutTasks } from './outcome.ts'
import type { RolloutPolicy } from './policy.ts'
import { countEpisodes, type RolloutOptions, rollout, type Spectator, type TriedEpisode } from './rollout.ts'
import { summarizeRollout } from './summary.ts'

const options: RolloutOptions = {
  tasks: rolloutTasks,
  splits: ['heldOutScenes', 'heldOutPhrasings', 'heldOutPairs'],
  episodes: 3,
  seed: 4,
  size: 64,
}

/** Knows the right answers when it is told the right command, and misses by far when it is told another. */
function expert(
  spoil: (label: string, numbers: readonly number[]) => readonly number[] = (_, numbers) => numbers,
) {
  let now: Episode
  const asked: string[] = []
  const moved = new Set<RolloutTask>()
  const policy: RolloutPolicy = {
    labels: ['box', 'grasp', 'joints', 'navigation'],
    async predict({ pixels, command }) {
      expect(pixels.data).toHaveLength(3 * 64 * 64)
      asked.push(command)
      const right = command === now.text
      const entries = Object.entries(now.command.labels)
      return Object.fromEntries(
        entries.map(([label, numbers]) => [
          label,
          spoil(label, right ? numbers : numbers.map((x) => 0.5 - x)),
        ]),
      )
    },
  }
  const spectator: Spectator = {
    onBegin: (episode) => {
      now = episode
    },
    onLook: () => {},
    onStep: (_, task) => void moved.add(task),
    onEnd: () => {},
  }
  return { policy, spectator, asked, moved }
}

async function tried(
  { policy, spectator }: Pick<ReturnType<typeof expert>, 'policy' | 'spectator'>,
  changes: Partial<RolloutOptions> = {},
) {
  const all: TriedEpisode[] = []
  for await (const each of rollout(policy, { ...options, ...changes }, spectator)) {
    if ('outcomes' in each) all.push(each)
  }
  return all
}

describe('a rollout', () => {
  test('finds that who knows the answers succeeds at everything, and with other commands fails', async () => {
    const who = expert()
    // Far from the place once, the expert knows it from the beginning only: it must not look again.
    const all = await tried(who, { tasks: ['detection', 'grasping', 'manipulation'] })
    expect(all).toHaveLength(countEpisodes({ ...options, tasks: ['detection'] }))
    const summary = summarizeRollout(all)
    for (const task of ['detection', 'grasping', 'manipulation'] as const) {
      for (const split of options.splits) {
        const found = summary[task]![split]!
        expect(found).toMatchObject({ rate: 1, successes: found.episodes, control: { successes: 0 } })
        expect(found.refusals).toEqual({})
      }
    }
    expect(summary.grasping!.heldOutScenes!.means.lifted).toBeGreaterThan(0.6)
    expect(summary.manipulation!.heldOutScenes!.medians.distance).toBeLessThan(0.02)
    expect([...who.moved].sort()).toEqual(['grasping', 'manipulation'])
  })

  test('looks again on the way to a place, and no more where it is too near to be seen; told otherwise ends elsewhere', async () => {
    let now: Episode
    let seen: Vector3
    const target = () => now.command.labels.navigation as unknown as Vector3
    const policy: RolloutPolicy = {
      labels: ['navigation'],
      predict: async ({ command }) => ({
        navigation: command === now.text && Math.hypot(...seen) > 0.6 ? seen : [3, 3, 0],
      }),
    }
    const spectator: Spectator = {
      onBegin: (episode) => {
        now = episode
        seen = target()
      },
      onLook: () => {},
      onStep: (world) => {
        seen = world.inRobotFrame(pointOutOf(world.simulation.startFrame, target()))
      },
      onEnd: () => {},
    }
    const few = { tasks: ['navigation'], splits: ['heldOutScenes'], episodes: 3 } as const
    const all = await tried({ policy, spectator }, few)
    const looks = all.map(({ episode, outcomes, control }) => {
      expect(outcomes.navigation!.success).toBe(true)
      expect(control!.text).not.toBe(episode.text)
      expect(control!.outcomes.navigation).toMatchObject({ success: false, measures: { looks: 8 } })
      return outcomes.navigation!.measures.looks!
    })
    expect(Math.max(...looks)).toBeGreaterThan(1)
    const { heldOutScenes } = summarizeRollout(all).navigation!
    expect(heldOutScenes).toMatchObject({ rate: 1, control: { successes: 0 } })
    expect(heldOutScenes!.refusals).toEqual({})
    expect(await tried({ policy, spectator }, { ...few, control: false })).toEqual(
      all.map(({ episode, outcomes, predictions }) => ({ episode, outcomes, predictions })),
    )
  })

  test('counts grasps that the arm cannot take, and moves nothing for them', async () => {
    const who = expert((label, numbers) => (label === 'grasp' ? [3, 0, 1, 0, 0, 0] : numbers))
    const all = await tried(who, { tasks: ['grasping'], splits: ['heldOutScenes'], control: false })
    const { heldOutScenes } = summarizeRollout(all).grasping!
    expect(heldOutScenes).toMatchObject({ successes: 0, means: { reached: 0, lifted: 0 } })
    expect(heldOutScenes!.refusals).toEqual({ 'world/unreachable': 3 })
    expect(who.moved).toEqual(new Set())
  })

  test('goes on after a simulation that breaks, and counts it', async () => {
    const who = expert()
    const breaking: Spectator = {
      ...who.spectator,
      onStep: (world) => world.simulation.setPosture({ elbow: Number.NaN }),
    }
    const all = await tried(
      { policy: who.policy, spectator: breaking },
      { tasks: ['grasping', 'manipulation', 'navigation'], splits: ['heldOutScenes'], control: false },
    )
    const summary = summarizeRollout(all)
    for (const task of ['grasping', 'manipulation', 'navigation'] as const) {
      expect(summary[task]!.heldOutScenes!.episodes).toBe(3)
      expect(summary[task]!.heldOutScenes!.refusals).toEqual({ 'world/not-finite': 3 })
    }
    expect(
      summary.manipulation!.heldOutScenes!.successes + summary.navigation!.heldOutScenes!.successes,
    ).toBe(0)
  })

  test('gives the same outcomes again', async () => {
    const few = { splits: ['heldOutScenes'], episodes: 1 } as const
    const once = await tried(expert(), few)
    expect(await tried(expert(), few)).toEqual(once)
    for (const { control } of once) expect(control).toBeUndefined() // its own command would be the other one
  })

  test('does not take an error in the policy for a failure', async () => {
    const broken = expert((_, numbers) => numbers.map(() => Number.NaN))
    await expect(tried(broken, { tasks: ['manipulation'] })).rejects.toMatchObject({
      code: 'world/wrong-prediction',
    })
  })

  test('asks held-out phrasings in the scenes that are held out', async () => {
    const all = await tried(expert(), { tasks: ['detection'], control: false })
    const of = (split: string) =>
      all.filter(({ episode }) => episode.split === split).map(({ episode }) => episode)
    const [scenes, phrasings] = [of('heldOutScenes'), of('heldOutPhrasings')]
    expect(phrasings.map(({ scene }) => scene)).toEqual(scenes.map(({ scene }) => scene))
    phrasings.forEach(({ text }, i) => {
      expect(text).not.toBe(scenes[i]!.text)
    })
  })
})

describe('a command of one’s own', () => {
  const given = { tasks: ['detection', 'manipulation'], splits: ['heldOutScenes'], episodes: 6 } as const

  test('is said in every scene in which it has one meaning, and counted where it has none', async () => {
    const { policy, spectator, asked } = expert()
    const changes = { ...options, ...given, command: 'pick up the ball' }
    const all: (TriedEpisode | RefusedScene)[] = []
    for await (const each of rollout(policy, changes, spectator)) all.push(each)
    expect(all.filter((each) => 'outcomes' in each)).toHaveLength(countEpisodes(changes))
    expect(all.length).toBeGreaterThan(6)
    const balls = ({ things }: SceneRecord) => things.filter(({ kind }) => kind === 'ball').length
    const refusals: Record<string, number> = {}
    for (const each of all) {
      if ('outcomes' in each) {
        const { command, scene, text } = each.episode
        expect({ text, action: command.action }).toEqual({ text: 'pick up the ball', action: 'pick' })
        expect([scene.things[command.target]!.kind, balls(scene)]).toEqual(['ball', 1])
        expect(each.control).toBeUndefined()
      } else {
        refusals[each.refusal] = (refusals[each.refusal] ?? 0) + 1
        const right = { 'world/nothing-meant': 0, 'world/ambiguous-command': 2, 'world/no-answer': 1 }
        expect([each.refusal, balls(each.scene)]).toEqual([
          each.refusal,
          right[each.refusal as 'world/no-answer'],
        ])
      }
    }
    expect(Object.keys(refusals)).toEqual(expect.arrayContaining(['world/nothing-meant']))
    const { detection, manipulation } = summarizeRollout(all)
    expect(detection!.heldOutScenes).toMatchObject({ episodes: 6, rate: 1, notTried: refusals })
    expect(manipulation!.heldOutScenes).toMatchObject({ episodes: 6, rate: 1, notTried: refusals })
    expect(new Set(asked)).toEqual(new Set(['pick up the ball']))
  })

  test('is given up where 200 scenes in a row have no meaning', () => {
    const empty = { record: { setting: 'table', things: [] }, truths: [] }
    const made: number[] = []
    const maker = { make: (_: string, number: number) => made.push(number) && empty } as never
    const scenes = [...drawForCommand(maker, 'heldOutScenes', 'table', 3, givenCommand('pick up the ball'))]
    expect(scenes.map((each) => 'refusal' in each && each.refusal)).toEqual(
      Array(200).fill('world/nothing-meant'),
    )
    expect(new Set(made).size).toBe(200)
  })

  test.each([
    ['juggle the ball', 'world/unknown-command'],
    ['go to the ball', 'world/wrong-setting'],
  ])('"%s" ends a rollout before it begins: %s', async (command, code) => {
    const { policy, asked } = expert()
    const entries = rollout(policy, { ...options, tasks: ['grasping'], command })
    await expect(entries.next()).rejects.toMatchObject({ code })
    expect(asked).toEqual([])
  })

  test('about a thing without a right answer has none either', () => {
    const thing = { kind: 'cup', color: 'red', shade: [1, 0, 0], yaw: 0, scale: 1 } as const
    const record = { setting: 'table', things: [{ ...thing, position: [0.5, 0, 0.72] }] } as never
    const answer = (text: string) => answerIn({ record, truths: [undefined] }, givenCommand(text))
    expect(answer('pick up the red cup')).toBe('world/no-answer')
    expect(answer('pick up the ball')).toBe('world/nothing-meant')
    expect(answer('put the cup left of the red cup')).toBe('world/wrong-setting')
  })
})
