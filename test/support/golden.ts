import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type HostArray, readSafetensors } from '../../src/core/index.ts'

/** One case of test/golden/ops, with its arrays in place of their names. */
export interface GoldenCase {
  readonly op: string
  readonly name: string
  readonly inputs: readonly HostArray[]
  readonly attributes: unknown
  readonly outputs: readonly HostArray[]
  /** Gradient that flows in at each output; null at integers and booleans. */
  readonly upstreams: readonly (HostArray | null)[]
  /** Gradient of each input; null where it has none. */
  readonly gradients: readonly (HostArray | null)[]
}

type Stored = Readonly<Record<'inputs' | 'outputs' | 'upstreams' | 'gradients', readonly (string | null)[]>> &
  Pick<GoldenCase, 'op' | 'name' | 'attributes'>

const folder = join(import.meta.dirname, '../golden')

/** Values and gradients by PyTorch, in float64. */
export function goldenOps(): readonly GoldenCase[] {
  const { tensors } = readSafetensors(join(folder, 'ops/tensors.safetensors'))
  const cases: readonly Stored[] = JSON.parse(readFileSync(join(folder, 'ops/cases.json'), 'utf8'))
  const array = (name: string) => tensors.get(name)!
  const optional = (name: string | null) => (name === null ? null : array(name))
  return cases.map((stored) => ({
    ...stored,
    inputs: stored.inputs.map((name) => array(name!)),
    outputs: stored.outputs.map((name) => array(name!)),
    upstreams: stored.upstreams.map(optional),
    gradients: stored.gradients.map(optional),
  }))
}

/** The arrays of a case of test/golden/attention. */
export function goldenAttention(name: string): ReadonlyMap<string, HostArray> {
  const { tensors } = readSafetensors(join(folder, 'attention/attention.safetensors'))
  const own = [...tensors].filter(([path]) => path.startsWith(`${name}/`))
  return new Map(own.map(([path, array]) => [path.slice(name.length + 1), array]))
}

/** The arrays of a case of test/golden/vlm. */
export const goldenVlm = (name: string): ReadonlyMap<string, HostArray> =>
  readSafetensors(join(folder, `vlm/${name}.safetensors`)).tensors
