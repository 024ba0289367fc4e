/**
 * Matrices by the part of the model that they belong to, for a scan of sensitivities: the path without the layer and its
 * `weight`, such as `vision_model.encoder.layers.0.mlp`.
 */
export function partsOf(names: readonly string[]): Map<string, [string, ...string[]]> {
  const parts = new Map<string, [string, ...string[]]>()
  for (const name of names) {
    const segments = name.split('.')
    const part = segments.slice(0, segments.length > 2 ? -2 : 1).join('.')
    const known = parts.get(part)
    if (known) known.push(name)
    else parts.set(part, [name])
  }
  return parts
}
