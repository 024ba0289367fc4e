import { excerpt, WorldError } from '../../core/index.ts'
import { driveTowards, type Eyes, type World } from '../../world/index.ts'
import type { Episode } from './episode.ts'
import type { Outcome, Outcomes, RolloutTask } from './outcome.ts'
import type { RolloutPolicy } from './policy.ts'
import type { Conditions } from './try-episode.ts'
import { carriedOut, foundBox } from './try-table.ts'

/** Frequency and limits of the robot's images on its way. */
const looking = {
  /** Seconds of driving between two images, and of one step of control. */
  period: 0.5,
  step: 0.1,
  /**
   * Distance to the target in metres below which no more images are taken: it is smaller than in any scene, and objects
   * so near leave the image at the bottom.
   */
  blind: 1.1,
  /** Largest number of images, and seconds for the last piece. */
  most: 8,
  last: 4,
}

/**
 * Compare the box found on the floor with the right one, and drive to the predicted position, with new images on the
 * way.
 */
export async function tryFloor(
  world: World,
  policy: RolloutPolicy,
  episode: Episode,
  conditions: Conditions,
  onStep: (task: RolloutTask) => void,
): Promise<Outcomes> {
  const { tasks, eyes, posture } = conditions
  world.reset(episode.scene, posture)
  const first = await look(world, policy, eyes, episode.text)
  const detection = tasks.includes('detection') && {
    detection: foundBox(first.box!, episode.command.labels.box!),
  }
  const navigation = tasks.includes('navigation') && {
    navigation: await carriedOut(() =>
      navigate(world, policy, episode, conditions, first, () => onStep('navigation')),
    ),
  }
  return { ...detection, ...navigation }
}

type Prediction = Awaited<ReturnType<RolloutPolicy['predict']>>

async function navigate(
  world: World,
  policy: RolloutPolicy,
  { command, text }: Episode,
  { eyes, latency = 0 }: Conditions,
  first: Prediction,
  onStep: () => void,
): Promise<Outcome> {
  const placeIn = ({ navigation }: Prediction) => world.inWorld([navigation![0]!, navigation![1]!, 0])
  let goal = placeIn(first)
  let looks = 1
  for (; looks < looking.most; looks++) {
    driveTowards(world, goal, looking.period, onStep)
    const [forward, left] = world.inRobotFrame(goal)
    if (Math.hypot(forward, left) < looking.blind) break
    const answer = await look(world, policy, eyes, text)
    for (let step = 0; step < latency; step++) driveTowards(world, goal, looking.step, onStep)
    goal = placeIn(answer)
  }
  driveTowards(world, goal, looking.last, onStep)
  const { success, distance } = world.judge(command)
  return { success, measures: { distance, looks } }
}

/**
 * Prediction of the policy for the current image.
 * @throws WorldError `world/wrong-prediction` for numbers that are not finite: they would count as failures unseen.
 */
export async function look(
  world: World,
  policy: RolloutPolicy,
  eyes: Eyes,
  command: string,
): Promise<Prediction> {
  const { width, height, color } = world.observe(eyes)
  const prediction = await policy.predict({ pixels: { width, height, data: color }, command })
  for (const [label, numbers] of Object.entries(prediction)) {
    if (numbers.every(Number.isFinite)) continue
    const problem = `the policy predicts ${numbers.join(', ')} as ${label} for "${excerpt(command)}"`
    const wayOut = 'Its weights are not finite, or its training diverged: take an earlier checkpoint'
    throw new WorldError('world/wrong-prediction', `${problem}. ${wayOut}`, { label, numbers, command })
  }
  return prediction
}
