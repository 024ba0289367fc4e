import { ConfigError } from '../core/index.ts'
import { Linear, Module, namedParts } from '../nn/index.ts'
import { matchPattern } from '../optim/index.ts'

/** Low-rank adapters of a model (LoRA, Hu et al. 2021), by PEFT's names. */
export interface AdapterOptions {
  readonly rank: number
  readonly alpha: number
  /** Rate in [0, 1) at which an adapter's input is dropped in training. */
  readonly dropout: number
  /** Patterns of the paths of linear maps: `*.q_proj`. */
  readonly targetModules: readonly string[]
  /** Scale by alpha/√rank rather than alpha/rank (rsLoRA, Kalajdzievski 2023). */
  readonly useRslora: boolean
}

/** Factor of what an adapter adds: alpha/rank, or alpha/√rank. */
export const adapterScale = ({
  rank,
  alpha,
  useRslora,
}: Pick<AdapterOptions, 'rank' | 'alpha' | 'useRslora'>): number =>
  alpha / (useRslora ? Math.sqrt(rank) : rank)

/** Tell a parameter of an adapter by its name. */
export const isAdapter = (name: string): boolean => /\.lora_[ab]\.weight$/.test(name)

/**
 * Add adapters to the linear maps whose path matches a pattern; graphs that are built afterwards have them. Their
 * parameters are `<path>.lora_a.weight` and `<path>.lora_b.weight`.
 * @returns The model.
 * @throws ConfigError `optim/pattern` for a pattern that no module matches, `config/lora` for one that matches no linear
 * map.
 */
export function addAdapters<M extends Module>(model: M, options: AdapterOptions): M {
  const { rank, dropout, targetModules } = options
  const modules = namedParts(model, Module)
  const chosen = new Set(targetModules.flatMap((pattern) => linearsOf(pattern, modules)))
  for (const linear of chosen) linear.adapt({ rank, dropout, scale: adapterScale(options) })
  return model
}

function linearsOf(pattern: string, modules: ReadonlyMap<string, Module>): Linear[] {
  const paths = matchPattern(
    pattern,
    [...modules.keys()].filter((path) => path !== ''),
    'module',
  )
  const linears = paths.map((path) => modules.get(path)).filter((module) => module instanceof Linear)
  if (linears.length > 0) return linears
  throw new ConfigError(
    'config/lora',
    `lora.targetModules: '${pattern}' matches ${paths.slice(0, 3).join(', ')}, which is no linear map and has no ` +
      'adapter. Name linear maps, such as *.q_proj or *.fc1',
    { pattern, paths },
  )
}
