import { z } from 'zod'
import type { Source } from '../../data/index.ts'
import { ChunkPolicyRuntime, type ModelDescription } from '../../deploy/index.ts'
import { type ControlTask, controlTasks, requireControl, rollout } from '../../evaluation/index.ts'
import { mean } from '../../metrics/index.ts'
import { type ChunkPolicyConfig, type ChunkPolicyModel, chunkKeys } from '../../models/index.ts'
import type { Trials } from '../../training/index.ts'
import { readRobot, World } from '../../world/index.ts'
import type { Direction } from './objective.ts'

/** Seed of the scenes: every policy is tried in the same ones. */
const seed = 0

/** Rollouts of a policy while it learns, in scenes of the world's split `validation`. */
export const validationRollouts = z.strictObject({
  /** Number of scenes of each task. */
  episodes: z.int().positive().default(10),
  tasks: z
    .array(z.enum(Object.keys(controlTasks) as [ControlTask, ...ControlTask[]]))
    .nonempty()
    .default(['picking']),
  /** Smooth edges in the policy's pictures, as in its data. */
  smooth: z.boolean().default(false),
  /** MJCF file of a robot of one's own. */
  robot: z.string().exactOptional(),
})

type ValidationRollouts = z.output<typeof validationRollouts>

/** Metrics of the rollouts in a validation, by path. */
export const rolloutDirections: Readonly<Record<string, Direction>> = {
  'rollouts.success': 'max',
  'rollouts.distanceMetres': 'min',
}

/**
 * Trials for the validation of a policy: `success` is the part of the rollouts that succeed, `distanceMetres` the mean distance
 * to the goal at their ends, which tells policies apart that do not succeed yet. The same weights have the same numbers.
 */
export const trialsOf =
  (
    model: ChunkPolicyModel,
    inputs: Pick<ModelDescription, 'image' | 'tokenizer'>,
    { episodes, tasks, smooth, robot }: ValidationRollouts,
  ): Trials =>
  async (runner) => {
    const policy = new ChunkPolicyRuntime({ model, ...inputs }, runner, 'the policy in training')
    const options = { tasks, splits: ['validation'], episodes, seed, size: inputs.image.size } as const
    const successes: number[] = []
    const distances: number[] = []
    for await (const tried of rollout(policy, {
      ...options,
      control: false,
      smooth,
      ...(robot !== undefined && { robot }),
    })) {
      for (const { success, measures } of 'outcomes' in tried ? Object.values(tried.outcomes) : []) {
        successes.push(Number(success))
        if (measures.distance !== undefined) distances.push(measures.distance)
      }
    }
    return {
      rollouts: {
        success: mean(Float32Array.from(successes)),
        // A simulation that broke has no distance, and is no success either.
        ...(distances.length > 0 && { distanceMetres: mean(Float32Array.from(distances)) }),
      },
    }
  }

/**
 * Refuse a policy of another robot than the rollouts', before it is trained.
 * @throws ConfigError `config/robot-data`; WorldError for a robot that does not suit.
 */
export async function requireRobot(
  policy: ChunkPolicyConfig,
  { arrays = {} }: Source,
  { robot }: ValidationRollouts,
): Promise<void> {
  const world = await World.open(robot === undefined ? undefined : await readRobot(robot))
  const namesOf = (key: string) => arrays[key]?.names?.slice() ?? null
  try {
    world.reset({ setting: 'table', things: [] })
    const state_names = policy.state_names ?? namesOf(chunkKeys.state)
    const action_names = policy.action_names ?? namesOf(chunkKeys.action)
    requireControl({ config: { ...policy, state_names, action_names } }, world)
  } finally {
    world.dispose()
  }
}
