import { afterAll } from 'vitest'
import type { PolicyRuntime } from '../../src/deploy/index.ts'
import type { ActingPolicy } from '../../src/evaluation/acting/acting-policy.ts'
import { expertPolicy } from '../../src/evaluation/acting/perturbed.ts'
import type { Episode } from '../../src/evaluation/rollout/episode.ts'
import { answerIn, givenCommand } from '../../src/evaluation/rollout/given-command.ts'
import type { Subject } from '../../src/evaluation/suite/subject.ts'
import { type Simulation, World } from '../../src/world/index.ts'

/** Follow the worlds that are opened, so that a scripted policy can read the truth of the one that it acts in. */
export function followWorld(): () => World {
  const { open } = World
  let world: World
  World.open = async (robot) => {
    world = await open.call(World, robot)
    return world
  }
  afterAll(() => {
    World.open = open
  })
  return () => world
}

const labels = ['box', 'grasp', 'joints', 'navigation']

/** Answers that are far from right. */
const lost = {
  box: [0, 0, 0.01, 0.01],
  grasp: [3, 0, 1, 0, 0, 0],
  joints: [0, 0, 0, 1, 0, 0, 0],
  navigation: [0.1, 0, 0],
}

/**
 * A policy that reads the truth of the world.
 * @param meant Command that it follows, for the one that it is told; undefined for none.
 */
function scriptedPolicy(
  now: () => World,
  meant: (command: string | undefined) => string | undefined,
): ActingPolicy {
  // What is seen at the beginning; on the way the object may be out of sight.
  const begun = new WeakMap<Simulation, ReturnType<typeof answerTo>>()
  return {
    labels,
    async predict({ command, pixels }) {
      const world = now()
      const { simulation } = world
      if (!begun.has(simulation)) begun.set(simulation, answerTo(world, meant(command)))
      const answer = begun.get(simulation)
      if (answer === undefined) return lost
      const right = await expertPolicy(world, { command: answer } as Episode).predict({
        pixels: pixels as never,
        command: '',
      })
      return { ...lost, ...right }
    },
  }
}

function answerTo(world: World, command: string | undefined) {
  if (command === undefined) return undefined
  const truths = world.answers().map((answer) => (typeof answer === 'string' ? undefined : answer))
  try {
    const answer = answerIn({ record: world.simulation.scene as never, truths }, givenCommand(command))
    return typeof answer === 'string' ? undefined : answer
  } catch {
    return undefined // no sentence of the grammar
  }
}

/** A policy that does what it is told, and nothing right when it is told nothing that it understands. */
export const obedientPolicy = (now: () => World): ActingPolicy => scriptedPolicy(now, (command) => command)

/** A policy that takes the only thing of a kind, whatever it is told. */
export function deafPolicy(now: () => World): ActingPolicy {
  return scriptedPolicy(now, () => {
    const { things, setting } = now().simulation.scene
    const kind = ['cup', 'ball', 'box', 'book', 'toy', 'mat'].find(
      (name) => things.filter((thing) => thing.kind === name).length === 1,
    )
    return `${setting === 'floor' ? 'go to' : 'pick up'} the ${kind}`
  })
}

/** A subject of an evaluation with a policy that reads images of 32 pixels, and the notes that it took. */
export function actingSubject(policy: ActingPolicy | undefined, seed = 5) {
  const notes: string[] = []
  const subject = {
    name: 'tabletop',
    seed,
    policy: policy && ({ ...policy, description: { image: { size: 32 } } } as unknown as PolicyRuntime),
    note: (text: string) => void notes.push(text),
  } as unknown as Subject
  return { subject, notes }
}
