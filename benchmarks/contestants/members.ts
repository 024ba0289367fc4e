import { writeFileSync } from 'node:fs'
import { Engine } from '../../src/engine/index.ts'
import { joinedCommunicator, openCommunicator } from '../../src/training/index.ts'
import type { MembersReport, MembersTask } from '../measurements/scaling.ts'
import { prepareOurTraining } from './our-model.ts'
import { task } from './serve.ts'

/** This project as one of several members, or alone: rank 0 writes what it measured. */
const { directory, threads, steps, out } = task<MembersTask>()
const communicator = openCommunicator()
const training = await prepareOurTraining(directory, new Engine({ threads }), communicator)
const costs = () => joinedCommunicator()?.costs ?? { bytes: 0, exchangeSeconds: 0, waitSeconds: 0 }

const losses: number[] = []
const milliseconds: number[] = []
const warmUp = 3
let before = costs()
for (let i = 0; i < warmUp + steps; i++) {
  if (i === warmUp) before = costs()
  const start = performance.now()
  losses.push(await training.differentiate())
  await training.update()
  if (i >= warmUp) milliseconds.push(performance.now() - start)
}
const after = costs()
const report: MembersReport = {
  losses: losses.slice(0, warmUp),
  milliseconds,
  communicatingSeconds: after.exchangeSeconds - before.exchangeSeconds,
  waitingSeconds: after.waitSeconds - before.waitSeconds,
  bytes: after.bytes - before.bytes,
}
if (communicator.rank === 0) writeFileSync(out, JSON.stringify(report))
