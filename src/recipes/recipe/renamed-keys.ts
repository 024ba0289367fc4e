/** Keys of older recipes, from before they were grouped, with their new places. `*` is any index. */
const renamed: Readonly<Record<string, string>> = {
  batchSize: 'batches.size',
  microBatchSize: 'batches.microSize',
  groupPictures: 'batches.groupImages',
  uniqueConcepts: 'batches.uniqueConcepts',
  sampler: 'batches.sampler',
  samplesPerEpoch: 'batches.samplesPerEpoch',
  onBadSample: 'batches.onBadSample',
  firstCaption: 'texts.firstCaption',
  tokenizer: 'texts',
  'tokenizer.vocabularySize': 'texts.vocabularySize',
  'tokenizer.corpus': 'texts.corpus',
  'generate.world': 'generate.kind',
  validateEveryEpochs: 'validation.everyEpochs',
  monitor: 'validation.monitor',
  patience: 'validation.patience',
  stopAt: 'validation.stopAt',
  checkpointEveryEpochs: 'checkpoints.everyEpochs',
  keepCheckpoints: 'checkpoints.keep',
  logEverySteps: 'log.everySteps',
  device: 'machine.device',
  threads: 'machine.threads',
  workers: 'machine.workers',
  precision: 'machine.precision',
  recompute: 'machine.recompute',
  'objective.name': 'objective.kind',
  'optimizer.name': 'optimizer.kind',
  'schedule.name': 'schedule.kind',
  'stages.*.batchSize': 'stages.*.batches.size',
  'stages.*.monitor': 'stages.*.validation.monitor',
}

/** Old keys at the top of a recipe, each with its new place. */
export const formerKeys = (): [former: string, place: string][] =>
  Object.entries(renamed).filter(([former]) => !former.includes('.'))

/** Groups whose keys moved up one level: `optimizer.options.learningRate` is `optimizer.learningRate`. */
const flattened = /^(optimizer|schedule)\.options\b\.?/

/** The new name of an old key; undefined for a key that was never renamed. */
export function renamedKey(path: readonly PropertyKey[]): string | undefined {
  const place = path.map(String).join('.')
  const pattern = path.map((key) => (/^\d+$/.test(String(key)) ? '*' : String(key))).join('.')
  if (flattened.test(place)) return place.replace(flattened, '$1.').replace(/\.$/, '')
  if (!Object.hasOwn(renamed, pattern)) return undefined
  const indices = path.map(String).filter((key) => /^\d+$/.test(key))
  return renamed[pattern]!.replace(/\*/g, () => indices.shift() ?? '*')
}

/**
 * The old keys of a recipe, each with its new name. They are searched before the schema is applied, which knows none of
 * them.
 */
export function renamedKeys(value: unknown, path: readonly PropertyKey[] = []): string[] {
  if (typeof value !== 'object' || value === null || isBuilt(value)) return []
  if (path.at(-1) === 'validation' && isDataSet(value)) {
    const place = path.map(String).join('.')
    return [`${place}: the data set is now ${place}.data`]
  }
  const isList = Array.isArray(value)
  return Object.entries(value).flatMap(([key, inner]) => {
    const place = [...path, key]
    const name = isList ? undefined : renamedKey(place)
    if (name !== undefined) return [`${place.map(String).join('.')} is now ${name}`]
    return isKept(place) ? renamedKeys(inner, place) : []
  })
}

/** Tell a place below which keys can be old ones. */
const isKept = ([first]: readonly PropertyKey[]): boolean =>
  ['generate', 'validation', 'objective', 'optimizer', 'schedule', 'stages'].includes(String(first))

/** Tell an optimizer or a schedule from its description. */
const isBuilt = (value: object): boolean => 'update' in value || 'factorAt' in value

/** Tell a source or its description from a group of keys. */
const isDataSet = (value: object): boolean => 'kind' in value || 'source' in value || 'spec' in value
