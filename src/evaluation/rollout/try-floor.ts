import { WorldError } from '../../core/index.ts'
import { driveTowards, type Eyes, type World } from '../../world/index.ts'
import type { Episode } from './episode.ts'
import type { Outcome, Outcomes, RolloutTask } from './outcome.ts'
import type { RolloutPolicy } from './policy.ts'
import { carriedOut, foundBox } from './try-table.ts'

/** How often the robot looks again on its way. */
const looking = {
  /** Seconds of driving between two looks. */
  period: 0.5,
  /** Metres to the place within which it looks no more: nearer than in any scene, things leave the picture from below. */
  blind: 1.1,
  /** Looks at most, and seconds for the last piece. */
  most: 8,
  last: 4,
}

/** Judge the box found on the floor, and drive where the policy says, looking again on the way. */
export async function tryFloor(
  world: World,
  policy: RolloutPolicy,
  eyes: Eyes,
  episode: Episode,
  tasks: readonly RolloutTask[],
  onStep: (task: RolloutTask) => void,
): Promise<Outcomes> {
  world.reset(episode.scene)
  const first = await look(world, policy, eyes, episode.text)
  const detection = tasks.includes('detection') && {
    detection: foundBox(first.box!, episode.command.labels.box!),
  }
  const navigation = tasks.includes('navigation') && {
    navigation: await carriedOut(() =>
      navigate(world, policy, eyes, episode, first, () => onStep('navigation')),
    ),
  }
  return { ...detection, ...navigation }
}

type Prediction = Awaited<ReturnType<RolloutPolicy['predict']>>

async function navigate(
  world: World,
  policy: RolloutPolicy,
  eyes: Eyes,
  { command, text }: Episode,
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
    goal = placeIn(await look(world, policy, eyes, text))
  }
  driveTowards(world, goal, looking.last, onStep)
  const { success, distance } = world.judge(command)
  return { success, measures: { distance, looks } }
}

/**
 * What the policy makes of what it sees now.
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
    const problem = `the policy predicts ${numbers.join(', ')} as ${label} for "${command}"`
    const wayOut = 'Its weights are not finite, or its training diverged: take an earlier checkpoint'
    throw new WorldError('world/wrong-prediction', `${problem}. ${wayOut}`, { label, numbers, command })
  }
  return prediction
}
