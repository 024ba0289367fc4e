import { z } from 'zod'

/** A place in nested data: keys of objects and indices of arrays. */
export type DataPath = readonly PropertyKey[]

/** Keys that an object at a place may have; undefined where any key is allowed. */
export type KeysAt = (path: DataPath) => readonly string[] | undefined

type Node = z.core.JSONSchema.JSONSchema

/** The output of a schema, in JSON Schema. A transform at its end is assumed to keep its keys. */
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

/** Function that gives all keys of the data of a schema, optional ones included. */
export function schemaKeys(schema: z.ZodType): KeysAt {
  const root = shapeOf(schema)
  return (path) => {
    const nodes = path.reduce<Node[]>(
      (found, key) => found.flatMap((node) => child(node, key, root)),
      branches(root, root),
    )
    if (nodes.some(takesAnyKey)) return undefined
    return [...new Set(nodes.flatMap(({ properties = {} }) => Object.keys(properties)))]
  }
}

/** Tell an object shape that takes keys beside the named ones. */
const takesAnyKey = ({ type, additionalProperties }: Node): boolean =>
  type === undefined || (type === 'object' && additionalProperties !== false)

function child(node: Node, key: PropertyKey, root: Node): Node[] {
  const { properties = {}, items, additionalProperties } = node
  const found = Object.hasOwn(properties, key) ? properties[String(key)] : (items ?? additionalProperties)
  return typeof found === 'object' && !Array.isArray(found) ? branches(found, root) : []
}

/** The alternatives of a union or parts of an intersection, with references resolved: a source may be made of sources. */
function branches(node: Node | boolean, root: Node): Node[] {
  if (typeof node === 'boolean') return []
  if (node.$ref !== undefined) return branches(referredTo(node.$ref, root), root)
  const parts = node.anyOf ?? node.oneOf ?? node.allOf
  return parts ? parts.flatMap((part) => branches(part, root)) : [node]
}

/** The shape that the root defines under a reference such as `#/$defs/source`. */
const referredTo = (reference: string, root: Node): Node =>
  root.$defs?.[reference.replace('#/$defs/', '')] ?? {}
