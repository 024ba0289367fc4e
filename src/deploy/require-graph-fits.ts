import { CheckpointError } from '../core/index.ts'
import type { Program, ProgramValue } from '../engine/index.ts'

export const wayOut =
  'Export the model again, or remove the folder onnx: its files are then made from the weights when they are needed'

/** The inputs and outputs of a graph; an undefined size may be any number. */
export type GraphValues = Pick<Program, 'inputs' | 'outputs'>

/**
 * Check that an ONNX file has the inputs and outputs that it is used with.
 * @throws CheckpointError `bundle/onnx` naming the file and its first input or output that is missing, or of another
 * type or shape than the config says.
 */
export function requireGraphFits(found: GraphValues, wanted: GraphValues, file: string): void {
  const known = new Set(wanted.inputs.map(({ name }) => name))
  const foreign = found.inputs.find(({ name }) => !known.has(name))
  const problem = foreign && {
    name: foreign.name,
    text: `it has an input "${foreign.name}" that the model does not know`,
  }
  const misfit =
    problem ??
    firstMisfit('input', found.inputs, wanted.inputs) ??
    firstMisfit('output', found.outputs, wanted.outputs)
  if (!misfit) return
  const { name, text } = misfit
  throw new CheckpointError('bundle/onnx', `${file} does not fit config.json: ${text}. ${wayOut}`, {
    file,
    name,
  })
}

function firstMisfit(
  side: 'input' | 'output',
  found: readonly ProgramValue[],
  wanted: readonly ProgramValue[],
): { readonly name: string; readonly text: string } | undefined {
  for (const value of wanted) {
    const { name } = value
    const there = found.find((candidate) => candidate.name === name)
    if (!there) {
      const names = found.map((other) => `"${other.name}"`).join(', ')
      return { name, text: `${side} "${name}" is missing (it has ${names})` }
    }
    if (fits(there, value, side)) continue
    return { name, text: `${side} "${name}" is ${textOf(there)}, the model needs ${textOf(value)}` }
  }
  return undefined
}

/**
 * Tell if a value of a file fits: an input of any size needs a free size; an output is read at any size that the file
 * gives.
 */
function fits(found: ProgramValue, wanted: ProgramValue, side: 'input' | 'output'): boolean {
  if (found.dtype !== wanted.dtype || found.shape.length !== wanted.shape.length) return false
  return wanted.shape.every((size, axis) => {
    const there = found.shape[axis]
    return there === undefined || there === size || (size === undefined && side === 'output')
  })
}

const textOf = ({ dtype, shape }: ProgramValue): string =>
  `${dtype} [${shape.map((size) => size ?? 'any').join(', ')}]`
