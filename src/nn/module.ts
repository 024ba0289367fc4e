import { Parameter } from './parameter.ts'

/**
 * A part of a model: an object whose properties are parameters, further modules, or lists of modules. Their
 * property names spell the parameters' paths, in Hugging Face's form: `visionModel.encoder.layers[0]` is
 * `vision_model.encoder.layers.0`; a name with a capital in front, as BERT's `LayerNorm`, stays as it is.
 */
export abstract class Module {}

/** Every parameter below `module` by its path, in the order in which the properties were set. */
export function namedParameters(module: Module): Map<string, Parameter> {
  const found = namedParts(module, Parameter)
  for (const [name, parameter] of found) parameter.name = name
  return found
}

/** Every instance of a class below `module` by its path, in the order in which the properties were set. */
export function namedParts<Part extends object>(
  module: Module,
  type: abstract new (...values: never[]) => Part,
): Map<string, Part> {
  const found = new Map<string, Part>()
  const collect = (value: unknown, path: string): void => {
    if (value instanceof type) found.set(path, value)
    if (!(value instanceof Module || Array.isArray(value))) return
    for (const [key, child] of Object.entries(value)) {
      collect(child, path ? `${path}.${snakeCase(key)}` : snakeCase(key))
    }
  }
  collect(module, '')
  return found
}

const snakeCase = (name: string): string =>
  /^[A-Z]/.test(name) ? name : name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
