import type { Command } from 'commander'
import { writeFileAtomic } from '../core/index.ts'
import { checkRobot, encodePng, type RobotCheck, readRobot } from '../world/index.ts'
import { jsonOption } from './options.ts'
import type { Output } from './output.ts'

interface Flags {
  readonly out: string
  readonly json?: true
}

/** `visuomotor robot check <file>` */
export function registerRobotCheck(program: Command, output: Output): void {
  program
    .command('robot')
    .description('robots of your own')
    .command('check')
    .description(
      'whether an MJCF suits the world: what it lacks, where its arm collides, what it cannot reach or see',
    )
    .argument('<file>', 'the MJCF of a robot with its table')
    .option('--out <image>', 'what its camera sees of four things on its table', 'robot-check.png')
    .addOption(jsonOption())
    .action(async (file: string, { out, json }: Flags) => {
      const check = await checkRobot(await readRobot(file))
      if (check.problem) throw check.problem
      const { picture, ...facts } = check
      output.result(json ? JSON.stringify(facts, undefined, 2) : textOf(check))
      if (!picture) return
      writeFileAtomic(out, await encodePng(picture))
      output.note(`what its camera sees: ${out}`)
    })
}

/** Text of a check, one line for each item. */
function textOf({ arm, drives, collision, reach, worst, seen }: RobotCheck): string {
  const percent = (share: number) => `${Math.round(100 * share)} %`
  const start = collision
    ? `${collision.bodies.join(' is in ')} by ${(1000 * collision.depth).toFixed(1)} mm`
    : 'the arm is free'
  const missed = worst
    ? `; at worst a ${worst.kind} ${worst.place[0].toFixed(2)} m ahead and ${worst.place[1].toFixed(2)} m to the left ` +
      `is missed by ${(100 * worst.position).toFixed(1)} cm and ${((180 / Math.PI) * worst.rotation).toFixed(0)}°`
    : ''
  return [
    `arm      ${arm.length} joints: ${arm.join(', ')}`,
    `base     ${drives ? 'drives: table and floor' : 'stands fast: --setting table'}`,
    `start    ${start}`,
    `grasps   ${percent(reach.reached / reach.tried)} of ${reach.tried} reached${missed}`,
    `         ${percent(reach.free / reach.tried)} without the arm in the robot, its table or the floor`,
    `camera   sees ${percent(seen)} of the places where things stand`,
  ].join('\n')
}
