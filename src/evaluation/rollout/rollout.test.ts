import { describe, expect, test } from 'vitest'
import { pointOutOf, type Vector3 } from '../../world/index.ts'
import type { Episode } from './episode.ts'
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
  { policy, spectator }: ReturnType<typeof expert>,
  changes: Partial<RolloutOptions> = {},
) {
  const all: TriedEpisode[] = []
  for await (const each of rollout(policy, { ...options, ...changes }, spectator)) all.push(each)
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
        expect(found).toMatchObject({
          rate: 1,
          successes: found.episodes,
          control: { successes: 0 },
          refusals: {},
        })
      }
    }
    expect(summary.grasping!.heldOutScenes!.means.lifted).toBeGreaterThan(0.6)
    expect(summary.manipulation!.heldOutScenes!.medians.distance).toBeLessThan(0.02)
    expect([...who.moved].sort()).toEqual(['grasping', 'manipulation'])
  })

  test('looks again on the way to a place, and no more where it is too near to be seen', async () => {
    let now: Episode
    let seen: Vector3
    const target = () => now.command.labels.navigation as unknown as Vector3
    const policy: RolloutPolicy = {
      labels: ['navigation'],
      predict: async () => ({ navigation: Math.hypot(...seen) > 0.6 ? seen : [3, 3, 0] }),
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
    const changes = { tasks: ['navigation'], splits: ['heldOutScenes'], episodes: 6, control: false } as const
    const all: TriedEpisode[] = []
    for await (const each of rollout(policy, { ...options, ...changes }, spectator)) all.push(each)
    const measures = all.map(({ outcomes, control }) => {
      expect(control).toBeUndefined()
      expect(outcomes.navigation!.success).toBe(true)
      return outcomes.navigation!.measures.looks!
    })
    expect(Math.max(...measures)).toBeGreaterThan(1)
  })

  test('gives the same outcomes again', async () => {
    const few = { splits: ['heldOutScenes'], episodes: 2 } as const
    expect(await tried(expert(), few)).toEqual(await tried(expert(), few))
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
