import { is, producer, type Rule } from './rule.ts'

/** Two reshapes or two transpositions in a row become one; sums over axes of size 1 become a reshape. */
export const mergeLayout: Rule = (node) => {
  const x = node.inputs[0]
  const output = node.outputs[0]
  if (!x) return undefined
  if (is(node, 'reshape')) {
    const before = producer(x, 'reshape')
    return before?.inputs[0].reshape(output.shape)
  }
  if (is(node, 'transpose')) {
    const { permutation } = node.attributes
    const before = producer(x, 'transpose')
    if (before)
      return before.inputs[0].transpose(permutation.map((axis) => before.attributes.permutation[axis]!))
    // Moving axes of size 1 moves no data.
    const moved = permutation.filter((axis) => x.shape[axis] !== 1)
    return moved.every((axis, i) => i === 0 || axis > moved[i - 1]!) ? x.reshape(output.shape) : undefined
  }
  if (is(node, 'sum') || is(node, 'mean') || is(node, 'max')) {
    return node.attributes.axes.every((axis) => x.shape[axis] === 1) ? x.reshape(output.shape) : undefined
  }
  return undefined
}
