import { Arena, arenaLayout, type Engine } from '../engine/index.ts'
import type { Bundle } from './bundle.ts'

/** The weights of a bundle on a device. */
export async function valuesOf({ weights }: Bundle, engine: Engine): Promise<Arena> {
  const layout = arenaLayout([Array.from(weights, ([name, { shape }]) => ({ name, shape }))])
  const values = await Arena.create(engine, layout)
  await values.write(weights)
  return values
}
