import { z } from 'zod'
import type { AdapterOptions } from '../../models/index.ts'
import type { Problem } from '../objectives/objective.ts'
import type { Recipe } from './schema.ts'

/** Low-rank adapters (LoRA, Hu et al. 2021): see docs/fine-tuning.md. Names and defaults are PEFT's, but for the targets. */
export const lora = z.strictObject({
  rank: z.int().positive().default(8),
  /** Numerator of the factor alpha/rank of what an adapter adds. */
  alpha: z.number().positive().default(8),
  /** Rate at which an adapter's input is dropped in training. */
  dropout: z.number().min(0).lt(1).default(0),
  /** Patterns of the paths of linear maps that get an adapter. */
  targetModules: z.array(z.string()).nonempty().default(['*.q_proj', '*.v_proj']),
  /** Scale by alpha/√rank (rsLoRA). */
  useRslora: z.boolean().default(false),
  /**
   * Folder of an adapter that training begins with; rank, alpha, targets and scale are its own where they are left out.
   * Default: fresh adapters.
   */
  adapter: z.string().exactOptional(),
})

/** The options of a recipe's adapters; undefined for a recipe without. */
export function adaptersOf({ lora }: Pick<Recipe, 'lora'>): AdapterOptions | undefined {
  if (!lora) return undefined
  const { adapter: _, ...options } = lora
  return options
}

/** Rules by which adapters alone learn; the recipe's own rules, which follow, may thaw others. */
export const adapterRules = ({ lora }: Pick<Recipe, 'lora'>): Recipe['parameters'] =>
  lora
    ? [
        { pattern: '*', freeze: true },
        { pattern: '*.lora_a.weight', freeze: false },
        { pattern: '*.lora_b.weight', freeze: false },
      ]
    : []

/** Mistakes of adapters together with other keys. */
export function* loraProblems({ lora, base, stages }: Recipe): Generator<Problem> {
  if (!lora) return
  if (base === undefined)
    yield ['adapters are trained on weights that stay as they are: name the base that has them', 'lora']
  if (stages) yield ['stages train the whole model; leave one of both out', 'lora']
}
