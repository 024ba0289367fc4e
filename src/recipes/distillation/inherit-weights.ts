import { float32, type HostArray, nameGroups, type Shape, sameShape, sizeOf } from '../../core/index.ts'
import { readBundle, type Weights } from '../../deploy/index.ts'
import type { ModelConfig } from '../../models/index.ts'
import type { Task } from '../../training/index.ts'
import type { Registry } from '../recipe/registry.ts'
import type { Teacher } from './teacher.ts'

/** Weights that a student begins with, cut from its teacher's. */
export interface InheritedWeights {
  readonly values: Weights
  /** Sentences for people: what was taken, and by name what was not. */
  readonly notes: readonly string[]
}

/** A student, for the weights that fit it. */
export interface Heir {
  readonly config: ModelConfig
  readonly parameters: Task['parameters']
  /** True where the teacher has the student's vocabulary. */
  readonly sameWords: boolean
}

/**
 * Weight inheritance (TinyCLIP, Wu et al. 2023, section 3.3, by hand rather than learned): evenly chosen layers of the
 * teacher, the first and the last among them, and of each tensor the leading rows and columns; of an attention so the
 * leading heads, if both models' heads are of one width. What cannot be cut is drawn anew and told: embeddings of other
 * words, patches of other sizes, tensors that are smaller than the student's.
 * @throws Errors of `readBundle`.
 */
export function inheritWeights(heir: Heir, teacher: Teacher, registry: Registry): InheritedWeights {
  const { weights, model } = readBundle(teacher.directory, registry)
  const values = new Map<string, HostArray<'float32'>>()
  for (const [name, { shape }] of heir.parameters) {
    const source = weights.get(sourceOf(name, [...heir.parameters.keys()], [...weights.keys()]))
    const fits = source && mayCut(name, source.shape, shape, heir, model.config)
    if (fits) values.set(name, leading(source, shape))
  }
  return { values, notes: [...notesOf(heir, teacher, values)] }
}

function* notesOf({ parameters }: Heir, { directory }: Teacher, values: Weights): Generator<string> {
  const fresh = [...parameters.keys()].filter((name) => !values.has(name))
  yield `inherited: ${values.size} of the model's ${parameters.size} tensors are cut from ${directory}`
  if (fresh.length > 0)
    yield `inherited: not cut from it, so drawn anew: ${nameGroups(fresh, values.keys()).join(', ')}`
}

const layer = /^(.*\blayers?\.)(\d+)(\..*)$/

/** Name of the teacher's tensor for one of the student's: in layers of other depth that of the layer as far along. */
function sourceOf(name: string, own: readonly string[], its: readonly string[]): string {
  const [, stack, index, rest] = layer.exec(name) ?? []
  if (stack === undefined) return name
  const [depth, depthOfTeacher] = [own, its].map((names) => depthOf(stack, names)) as [number, number]
  const place = depth === 1 ? 0 : (Number(index) * (depthOfTeacher - 1)) / (depth - 1)
  return `${stack}${Math.round(place)}${rest}`
}

const depthOf = (stack: string, names: readonly string[]): number =>
  new Set(names.flatMap((name) => (name.startsWith(stack) ? name.slice(stack.length).split('.')[0]! : [])))
    .size

/** Tensors whose rows and columns are channels, so that the leading ones are a smaller tensor of the same meaning. */
const ofChannels = /^(vision_model|text_model|visual_projection|text_projection)\b/

/** Tensors of several stacked parts, whose leading rows are not the leading channels of each. */
const stacked = /in_proj/

function mayCut(name: string, from: Shape, to: Shape, heir: Heir, teacher: ModelConfig): boolean {
  if (/token_embedding|word_embeddings/.test(name) && !heir.sameWords) return false
  if (sameShape(from, to) && sameHeads(name, heir.config, teacher)) return true
  if (from.length !== to.length || to.some((size, axis) => size > from[axis]!)) return false
  if (!ofChannels.test(name) || stacked.test(name)) return false
  if (name.includes('patch_embedding')) return sameShape(from.slice(1), to.slice(1))
  if (name.startsWith('vision_model') && name.includes('position_embedding')) return from[0] === to[0]
  return sameHeads(name, heir.config, teacher)
}

/** Tell for a tensor of an attention if the heads are of one width; others have none. */
function sameHeads(name: string, own: ModelConfig, teacher: ModelConfig): boolean {
  if (!/self_attn|attention\.(self|output)/.test(name)) return true
  const tower = name.slice(0, name.indexOf('.')).replace(/_model$/, '_config')
  const [width, its] = [own, teacher].map((config) => headWidth(Reflect.get(config, tower)))
  return width === its
}

const headWidth = (tower: { hidden_size?: number; num_attention_heads?: number } | undefined): number =>
  (tower?.hidden_size ?? 0) / (tower?.num_attention_heads ?? 1)

/** The leading values along every axis. */
function leading({ shape: from, data }: HostArray<'float32'>, to: Shape): HostArray<'float32'> {
  if (sameShape(from, to)) return float32(to, data)
  const result = new Float32Array(sizeOf(to))
  const width = to.at(-1)!
  for (let row = 0; row < result.length / width; row++) {
    let [rest, place, stride] = [row, 0, from.at(-1)!]
    for (let axis = to.length - 2; axis >= 0; axis--) {
      place += (rest % to[axis]!) * stride
      rest = Math.floor(rest / to[axis]!)
      stride *= from[axis]!
    }
    result.set(data.subarray(place, place + width), row * width)
  }
  return float32(to, result)
}
