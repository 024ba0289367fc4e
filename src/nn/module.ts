import { Parameter } from './parameter.ts'

/**
 * A part of a model: an object whose properties are parameters, further modules, or lists of modules. Their
 * property names spell the parameters' paths, in Hugging Face's form: `visionModel.encoder.layers[0]` is
 * `vision_model.encoder.layers.0`.
 */
export abstract class Module {}

/** Every parameter below `module` by its path, in the order in which the properties were set. */
export function namedParameters(module: Module): Map<string, Parameter> {
  const found = new Map<string, Parameter>()
  collect(module, '', found)
  for (const [name, parameter] of found) parameter.name = name
  return found
}

function collect(value: unknown, path: string, found: Map<string, Parameter>): void {
  if (value instanceof Parameter) {
    found.set(path, value)
  } else if (value instanceof Module || Array.isArray(value)) {
    for (const [key, child] of Object.entries(value)) {
      collect(child, path ? `${path}.${snakeCase(key)}` : snakeCase(key), found)
    }
  }
}

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
