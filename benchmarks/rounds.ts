import { setTimeout } from 'node:timers/promises'

/** Milliseconds between two turns: the threads of the one before stop spinning. */
const pause = 200

/** How often everyone has a turn, and what is done in it: at least 10 measurements are taken. */
export const rounds = 4
export const stepsPerTurn = 3

/**
 * Let everyone have a turn, again and again, each round beginning with another one, so that what else the
 * machine does hits all alike.
 */
export async function alternate(turns: readonly (() => Promise<void>)[]): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < turns.length; i++) {
      await setTimeout(pause)
      await turns[(round + i) % turns.length]!()
    }
  }
}
