import { z } from 'zod'
import { nearestName } from '../core/index.ts'
import { earlierKeys } from '../data/index.ts'
import { experiment } from './experiment.ts'

/** A place in a config: keys of objects and indices of arrays. */
export type ConfigPath = readonly PropertyKey[]

type Node = z.core.JSONSchema.JSONSchema

/** What comes out of a schema, in JSON Schema. A transform at its end is taken to keep the keys that it is given. */
const shapeOf = (schema: z.core.$ZodType): Node =>
  z.toJSONSchema(schema, {
    io: 'output',
    unrepresentable: 'any',
    override({ zodSchema: { _zod }, jsonSchema }) {
      const { def } = _zod
      if (def.type === 'pipe' && def.out._zod.def.type === 'transform')
        Object.assign(jsonSchema, shapeOf(def.in))
    },
  })

/** Every key that a config may have, optional ones too. */
const root = shapeOf(experiment)

/** The keys that an object at `path` may have; undefined where any key will do. */
export function knownKeys(path: ConfigPath): readonly string[] | undefined {
  const nodes = path.reduce<Node[]>((found, key) => found.flatMap((node) => child(node, key)), branches(root))
  if (nodes.some(takesAnyKey)) return undefined
  return [...new Set(nodes.flatMap(({ properties = {} }) => Object.keys(properties)))]
}

/** The way out of a wrong key, for messages: `; did you mean 'seed'?` or what there is. */
export function keyHint(path: ConfigPath, wrong: string): string {
  const known = knownKeys(path) ?? []
  if (known.includes('kind') && (earlierKeys as readonly string[]).includes(wrong))
    return "; it is now 'kind'"
  const nearest = nearestName(wrong, known)
  if (nearest !== undefined) return `; did you mean '${nearest}'?`
  return known.length > 0 ? `; there are ${known.join(', ')}` : '; nothing can stand below'
}

/** Whether an object of this shape takes keys that it does not name. */
const takesAnyKey = ({ type, additionalProperties }: Node): boolean =>
  type === undefined || (type === 'object' && additionalProperties !== false)

function child(node: Node, key: PropertyKey): Node[] {
  const { properties = {}, items, additionalProperties } = node
  const found = Object.hasOwn(properties, key) ? properties[String(key)] : (items ?? additionalProperties)
  return typeof found === 'object' && !Array.isArray(found) ? branches(found) : []
}

/** The alternatives of a union, references followed: a source may be made of sources. */
function branches(node: Node | boolean): Node[] {
  if (typeof node === 'boolean') return []
  if (node.$ref !== undefined) return branches(referredTo(node.$ref))
  const parts = node.anyOf ?? node.oneOf
  return parts ? parts.flatMap(branches) : [node]
}

/** `#/$defs/source` → the shape that the root defines there. */
const referredTo = (reference: string): Node => root.$defs?.[reference.replace('#/$defs/', '')] ?? {}
