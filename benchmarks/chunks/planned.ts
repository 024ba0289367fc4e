import { type ChunkObservation, PolicyRuntime } from '../../src/deploy/index.ts'
import { type ControlPolicy, drawActions, tryControl } from '../../src/evaluation/index.ts'
import { wilson } from '../../src/metrics/index.ts'
import { handFrame } from '../../src/world/control/hand-pose.ts'
import { planTaking } from '../../src/world/demonstration/arm-plan.ts'
import { type Answered, armSteps, type ExpertStep, expertFor } from '../../src/world/demonstration/experts.ts'
import {
  datasetDefaults,
  episodeFeatures,
  RobotControl,
  robotNumbers,
  SceneMaker,
  type Vector3,
  World,
} from '../../src/world/index.ts'

/** Tasks that hands do which take a thing. */
export const plannedTasks = { picking: 'pick', putting: 'put' } as const
export type PlannedTask = keyof typeof plannedTasks

/** What came of plans in held-out scenes. */
export interface Planned {
  readonly successes: number
  readonly episodes: number
  readonly interval: readonly [number, number]
  /** Scenes without a plan: the grasp, its lift or the place is out of the arm's reach. */
  readonly unreachable: number
}

interface Conditions {
  readonly task: PlannedTask
  readonly episodes: number
  readonly seed: number
}

type Steps = Iterable<ExpertStep> | undefined

/** Pictures like those that the one-shot policies have learned from. */
const eyes = { size: 64, smooth: true } as const

const controls = { base: false, actionSpace: 'joints' } as const

/**
 * Let the arm move as the experts do, in held-out scenes: by right answers, which is the most that a policy can learn from
 * them, or to the grasp and place that a one-shot policy predicts from the first picture, which is what its eyes are worth.
 * @param directory Run of a one-shot policy. Default: right answers.
 */
export async function plan({ task, episodes, seed }: Conditions, directory?: string): Promise<Planned> {
  const policy = directory === undefined ? undefined : await PolicyRuntime.load(directory, { threads: 1 })
  const options = { ...datasetDefaults, scenes: 1, commands: 1, captions: 1, seed }
  const maker = await SceneMaker.open(options)
  const world = await World.open()
  let [successes, unreachable] = [0, 0]
  try {
    for (const episode of drawActions(maker, 'heldOutScenes', plannedTasks[task], episodes)) {
      const stepsFor = async (seen: ChunkObservation): Promise<Steps> =>
        policy ? predictedSteps(world, policy, seen, task) : expertFor(world, episode.command as Answered)
      world.reset(episode.scene)
      const controlled = plannedControl(world, stepsFor, () => {
        unreachable += 1
      })
      const { outcome } = await tryControl(world, controlled, episode, task, { ...eyes, seed })
      successes += Number(outcome.success)
    }
  } finally {
    world.dispose()
  }
  return { successes, episodes, interval: wilson(successes, episodes).interval, unreachable }
}

/** A policy that plans at its first look, carries its plan out, and holds still then. */
function plannedControl(
  world: World,
  stepsFor: (seen: ChunkObservation) => Promise<Steps>,
  onNone: () => void,
): ControlPolicy {
  const { state, action } = robotNumbers(world.simulation, controls)
  const config = {
    cameras: [episodeFeatures.head],
    state_names: [...state],
    action_names: [...action],
    state_size: state.length,
    action_size: action.length,
  }
  const stream: ControlPolicy['stream'] = () => {
    let steps: Iterator<ExpertStep> | undefined
    let last: readonly number[] | undefined
    const control = new RobotControl(world, controls)
    return {
      reset() {},
      async next(seen) {
        if (!steps) {
          const found = await stepsFor(seen)
          if (!found) onNone()
          steps = (found ?? [])[Symbol.iterator]()
        }
        const { done, value } = steps.next()
        last = done ? (last ?? control.hold()) : control.actionFor(value.joints, value.gripper, [])
        return last
      },
    }
  }
  return { config, reset() {}, stream }
}

/** Steps to a predicted grasp and, of a put, on by the way from there to the predicted place. */
async function predictedSteps(
  world: World,
  policy: PolicyRuntime,
  { cameras, command }: ChunkObservation,
  task: PlannedTask,
): Promise<Steps> {
  const pixels = cameras[episodeFeatures.head]!
  const { grasp, ...rest } = await policy.predict({ pixels, command: command! })
  const place = task === 'putting' ? rest.place : undefined
  const frame = handFrame(grasp!, world.simulation.robotFrame())
  const start = world.joints
  const plan = world.withKinematics((arm) => {
    const { reached, joints } = arm.solve(frame)
    return reached
      ? planTaking(world, start, joints, arm, place && wayTo(place, frame.position, world))
      : undefined
  })
  return plan && armSteps(world, plan)
}

/** Way from a grasp to a place: things stand on the table, and rise by what the place is above it. */
function wayTo([x, y, z]: readonly number[], from: Vector3, world: World): Vector3 {
  const to = world.inWorld([x!, y!, z!])
  return [to[0] - from[0], to[1] - from[1], to[2] - world.simulation.tableHeight]
}
