import { nearestName } from '../../core/index.ts'
import { knownKeys } from './keys.ts'
import { type Description, optimizerOf, scheduleOf } from './optimization.ts'
import { builtIn, type Registry } from './registry.ts'
import { formerKeys } from './renamed-keys.ts'

/** Groups of a recipe whose keys are looked for. */
const groups = ['batches', 'validation', 'checkpoints', 'log', 'machine', 'texts', 'images'] as const

/**
 * The places in a recipe that a name without its group may mean, most likely first: `batchsize` and `batch-size` mean
 * `batches.size`, `learningRate` means `optimizer.learningRate`. None where nothing is near.
 */
export function placesOfKey(name: string, registry: Registry = builtIn): string[] {
  const wanted = plain(name)
  const places = placesByName(registry)
  const exact = places.get(wanted)
  if (exact !== undefined) return exact
  if (wanted.length < 4) return []
  const nearest = nearestName(wanted, places.keys())
  return nearest !== undefined && Math.abs(nearest.length - wanted.length) <= 2 ? places.get(nearest)! : []
}

/** A name as people write it in flags: without case and separators. */
const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '')

function placesByName(registry: Registry): Map<string, string[]> {
  const places = new Map<string, string[]>()
  const add = (name: string, place: string) => {
    const known = places.get(plain(name)) ?? []
    if (!known.includes(place)) places.set(plain(name), [...known, place])
  }
  for (const key of knownKeys([], registry) ?? []) add(key, key)
  for (const [former, place] of formerKeys()) add(former, place)
  for (const group of groups)
    for (const key of knownKeys([group], registry) ?? []) add(key, `${group}.${key}`)
  for (const group of groups)
    for (const key of knownKeys([group], registry) ?? []) add(`${group}${key}`, `${group}.${key}`)
  for (const kind of ['adamW', 'muon', 'sgd', 'lion'])
    for (const key of Object.keys(optimizerOf({ kind } as Description).options)) add(key, `optimizer.${key}`)
  for (const key of Object.keys(scheduleOf({ kind: 'cosine' } as Description).options))
    add(key, `schedule.${key}`)
  return places
}
