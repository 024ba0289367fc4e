import type { PolicyRuntime } from '../../src/deploy/index.ts'
import type { ControlPolicy } from '../../src/evaluation/index.ts'
import { handFrame } from '../../src/world/control/hand-pose.ts'
import { planTaking } from '../../src/world/demonstration/arm-plan.ts'
import { armSteps, type ExpertStep } from '../../src/world/demonstration/experts.ts'

import {
  episodeFeatures,
  RobotControl,
  robotNumbers,
  type Vector3,
  type World,
} from '../../src/world/index.ts'

const controls = { base: false, actionSpace: 'joints' } as const

/**
 * A one-shot policy in control: it looks once, and the arm moves as the experts do, by inverse kinematics, to the predicted grasp
 * and, where a command names a place, by the way from there to the predicted one. What chunk policies with the same eyes are
 * measured by. A grasp out of reach moves nothing.
 * @param puts True for commands that name a place.
 */
export function oneShotControl(world: World, policy: PolicyRuntime, puts: boolean): ControlPolicy {
  world.reset({ setting: 'table', things: [] })
  const { state, action } = robotNumbers(world.simulation, controls)
  const config = {
    cameras: [episodeFeatures.head],
    state_names: [...state],
    action_names: [...action],
    state_size: state.length,
    action_size: action.length,
  }
  return { config, reset() {}, stream: () => oneShotStream(world, policy, puts) }
}

function oneShotStream(
  world: World,
  policy: PolicyRuntime,
  puts: boolean,
): ReturnType<ControlPolicy['stream']> {
  let steps: Iterator<ExpertStep> | undefined
  let last: readonly number[] | undefined
  return {
    reset() {},
    async next({ cameras, command }) {
      const control = new RobotControl(world, controls)
      steps ??= stepsTo(
        world,
        await policy.predict({ pixels: cameras[episodeFeatures.head]!, command: command! }),
        puts,
      )
      const { done, value } = steps.next()
      last = done ? (last ?? control.hold()) : control.actionFor(value.joints, value.gripper, [])
      return last
    },
  }
}

function stepsTo(
  world: World,
  { grasp, place }: Awaited<ReturnType<PolicyRuntime['predict']>>,
  puts: boolean,
): Iterator<ExpertStep> {
  const robot = world.simulation.robotFrame()
  const [x, y] = handFrame(grasp!, robot).position
  const goal = puts ? world.inWorld([place![0]!, place![1]!, place![2]!]) : undefined
  // Things stand on the table: what the goal is above it, the thing is to rise.
  const moved = goal && ([goal[0] - x, goal[1] - y, goal[2] - world.simulation.tableHeight] satisfies Vector3)
  const plan = world.withKinematics((arm) => {
    const { reached, joints } = arm.solve(handFrame(grasp!, robot))
    return reached ? planTaking(world, joints, arm, moved) : undefined
  })
  return armSteps(world, plan ?? [])
}
