/** A value inside nested data, at its dotted path: `['model.image.width', 192]`. */
export type Leaf = readonly [path: string, value: unknown]

/**
 * The leaves of nested data, in order. Numbers, text, null and arrays of these stay whole; arrays of objects are
 * entered by index.
 */
export function flatten(value: unknown, path = ''): Leaf[] {
  const nested = Array.isArray(value) ? value.some(isObject) : isObject(value)
  if (!nested) return path === '' ? [] : [[path, value]]
  return Object.entries(value as object).flatMap(([key, inner]) =>
    flatten(inner, path === '' ? key : `${path}.${key}`),
  )
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
