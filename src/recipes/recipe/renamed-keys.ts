/** Keys that recipes had before they were grouped, and where each stands now. `*` is any index. */
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

/** Groups of keys that became the keys above them: `optimizer.options.learningRate` is `optimizer.learningRate`. */
const flattened = /^(optimizer|schedule)\.options\b\.?/

/** The new name of an old key; undefined for one that never was. */
export function renamedKey(path: readonly PropertyKey[]): string | undefined {
  const place = path.map(String).join('.')
  const pattern = path.map((key) => (/^\d+$/.test(String(key)) ? '*' : String(key))).join('.')
  if (flattened.test(place)) return place.replace(flattened, '$1.').replace(/\.$/, '')
  if (!Object.hasOwn(renamed, pattern)) return undefined
  const indices = path.map(String).filter((key) => /^\d+$/.test(key))
  return renamed[pattern]!.replace(/\*/g, () => indices.shift() ?? '*')
}

/** The old keys of a recipe, each with its new name. They are found before the schema, which knows none of them. */
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

/** Whether keys below can be old ones. */
const isKept = ([first]: readonly PropertyKey[]): boolean =>
  ['validation', 'objective', 'optimizer', 'schedule', 'stages'].includes(String(first))

/** Whether an object is an optimizer or a schedule itself, and not its description. */
const isBuilt = (value: object): boolean => 'update' in value || 'factorAt' in value

/** Whether a value is a source or its description, and not a group of keys. */
const isDataSet = (value: object): boolean => 'kind' in value || 'source' in value || 'spec' in value
