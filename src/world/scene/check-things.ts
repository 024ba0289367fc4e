import { ConfigError } from '../../core/index.ts'
import { kindOf, type Scene, type SceneThing } from './scene.ts'

/**
 * Refuse a scene with numbers that no simulation can begin with, before they spread to the robot.
 * @throws ConfigError `world/scene` that names the object and the field.
 */
export function checkThings({ setting, things }: Scene): void {
  demand(setting === 'table' || setting === 'floor', 'setting', '"table" or "floor"', setting)
  for (const [index, thing] of things.entries()) checkThing(thing, `things[${index}]`)
}

function checkThing(thing: SceneThing, place: string): void {
  const { kind, position, yaw, scale, shade } = thing
  demand(kindOf(thing) !== undefined, `${place}.kind`, 'a kind of object', kind)
  const name = `${place} (${'color' in thing ? `${thing.color} ` : ''}${kind})`
  demand(isVector(position), `${name}.position`, 'three finite numbers', position)
  demand(Number.isFinite(yaw), `${name}.yaw`, 'a finite number', yaw)
  demand(Number.isFinite(scale) && scale > 0, `${name}.scale`, 'a finite number above 0', scale)
  demand(isVector(shade), `${name}.shade`, 'three finite numbers', shade)
}

const isVector = (numbers: readonly number[]): boolean =>
  numbers.length === 3 && numbers.every((value) => Number.isFinite(value))

function demand(holds: boolean, field: string, wanted: string, value: unknown): void {
  if (holds) return
  const shown = Array.isArray(value) ? `[${value.join(', ')}]` : String(value)
  throw new ConfigError('world/scene', `${field} of the scene must be ${wanted}; it is ${shown}`, {
    field,
    value,
  })
}
