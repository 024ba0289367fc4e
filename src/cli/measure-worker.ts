import { builtIn, measureModel } from '../recipes/index.ts'
import { loadDraft } from './load-recipe.ts'

/**
 * The process in which the cost of a run's model is measured, for a study: its arguments are the run, the samples of a
 * batch, and a recipe's file with families of its own. It sends a {@link ModelCost} to its parent, with whom it ends.
 */
const [run = '', batch = '1', file] = process.argv.slice(2)
process.once('disconnect', () => process.exit(1))
const registry = file === undefined ? builtIn : (await loadDraft(file)).registry
const cost = await measureModel(run, registry, { batch: Number(batch) })
process.send?.(cost, undefined, {}, () => process.exit(0))
