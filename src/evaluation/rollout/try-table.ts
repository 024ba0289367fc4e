import { WorldError } from '../../core/index.ts'
import { boxOverlaps, positionErrors, rotationAngles } from '../../metrics/index.ts'
import { moveArm, take, type World } from '../../world/index.ts'
import type { Episode } from './episode.ts'
import { type Outcome, type Outcomes, type RolloutTask, rolloutTolerances } from './outcome.ts'
import type { Conditions } from './try-episode.ts'

type Prediction = Readonly<Record<string, readonly number[]>>

/** Compare the predictions for an object on the table with the right answers, and carry them out in physics. */
export async function tryTable(
  world: World,
  { scene, command }: Episode,
  prediction: Prediction,
  { tasks, posture }: Pick<Conditions, 'tasks' | 'posture'>,
  onStep: (task: RolloutTask) => void,
): Promise<Outcomes> {
  const outcomes: Partial<Record<RolloutTask, Outcome>> = {}
  const { labels } = command
  if (tasks.includes('detection')) outcomes.detection = foundBox(prediction.box!, labels.box!)
  if (tasks.includes('manipulation')) {
    outcomes.manipulation = await carriedOut(() => {
      world.reset(scene, posture)
      moveArm(world, prediction.joints!, () => onStep('manipulation'))
      const { success, distance, nearest } = world.judgeHand(command.target)
      return { success, measures: { distance, atTarget: Number(nearest === command.target) } }
    })
  }
  if (tasks.includes('grasping')) {
    const pose = posesAgree(prediction.grasp!, labels.grasp!)
    const taken = await carriedOut(() => {
      world.reset(scene, posture)
      return lift(world, command.target, prediction.grasp!, () => onStep('grasping'))
    })
    outcomes.grasping = { ...taken, success: pose.success, measures: { ...pose.measures, ...taken.measures } }
  }
  return outcomes
}

/** Compare a box with the right one: success is an overlap of more than half. */
export function foundBox(box: readonly number[], right: readonly number[]): Outcome {
  const [overlap] = boxOverlaps(Float32Array.from(box), Float32Array.from(right))
  return { success: overlap! > rolloutTolerances.overlap, measures: { overlap: overlap! } }
}

function posesAgree(pose: readonly number[], right: readonly number[]): Outcome {
  const part = (numbers: readonly number[], from: number) => Float32Array.from(numbers.slice(from, from + 3))
  const [distance] = positionErrors(part(pose, 0), part(right, 0))
  const [angle] = rotationAngles(part(pose, 3), part(right, 3))
  const success = distance! <= rolloutTolerances.position && angle! <= rolloutTolerances.rotation
  return { success, measures: { distance: distance!, angle: angle! } }
}

/** Grasp at the predicted pose and lift: success when the object comes up with the hand. */
function lift(world: World, target: number, grasp: readonly number[], onStep: () => void): Outcome {
  const before = world.simulation.thingFrame(target).position[2]
  const reached = take(world, grasp, onStep)
  const lifted = world.simulation.thingFrame(target).position[2] - before
  const success = lifted > rolloutTolerances.lift
  const measures = { lifted: Number(success), reached: Number(reached) }
  return reached ? { success, measures } : { success, measures, refusal: 'world/unreachable' }
}

/** Run a trial: a broken simulation is a failure with its code; other errors are thrown, as errors of the program. */
export async function carriedOut(action: () => Outcome | Promise<Outcome>): Promise<Outcome> {
  try {
    return await action()
  } catch (error) {
    if (error instanceof WorldError && error.code === 'world/not-finite') {
      return { success: false, measures: {}, refusal: error.code }
    }
    throw error
  }
}
