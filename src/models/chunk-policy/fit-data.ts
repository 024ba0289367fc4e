import { ConfigError, didYouMean } from '../../core/index.ts'
import type { Source } from '../../data/source.ts'
import { type ChunkPolicyConfig, chunkKeys } from './config.ts'
import { statisticsProblems } from './normalization.ts'

/** Facts that a policy must know of its training data. */
export type RobotData = Pick<Source, 'name' | 'arrays' | 'cameras' | 'statistics'>

/** Name of the one camera of data that names none. */
export const onlyCamera = 'image'

/**
 * The config with the statistics and names of its training data.
 * @throws ConfigError `config/robot-data` naming the cameras or keys that data and policy do not share, `config/statistics` naming
 * key and index of a statistic that is missing, not finite or without spread.
 */
export function withData(config: ChunkPolicyConfig, source: RobotData): ChunkPolicyConfig {
  requireRobotData(config, source)
  const { normalization_mapping: modes, state_names, action_names } = config
  const found = Object.entries({ [chunkKeys.state]: modes.STATE, [chunkKeys.action]: modes.ACTION }).flatMap(
    ([key, mode]) => {
      const values = source.statistics?.[key]
      return values && mode !== 'IDENTITY' && (key !== chunkKeys.state || config.state_size > 0)
        ? [[key, values] as const]
        : []
    },
  )
  const complete = {
    ...config,
    state_names: state_names ?? (config.state_size > 0 ? namesIn(source, chunkKeys.state) : null),
    action_names: action_names ?? namesIn(source, chunkKeys.action),
    statistics: { ...Object.fromEntries(found), ...config.statistics },
  }
  const problems = [...statisticsProblems(complete)]
  if (problems.length === 0) return complete
  throw new ConfigError(
    'config/statistics',
    `${source.name}: ${problems.join('; ')}. Leave such numbers out of the data, take another normalization, or allow ` +
      "LeRobot's epsilon (model.degenerate_statistics: 'epsilon')",
    { source: source.name, problems },
  )
}

/** Names of the numbers of an array, where the data has some. */
function namesIn({ arrays = {} }: RobotData, key: string): string[] | null {
  const names = arrays[key]?.names
  return names ? [...names] : null
}

/** Refuse data of another robot than the policy's. @throws ConfigError `config/robot-data`. */
export function requireRobotData(config: ChunkPolicyConfig, source: RobotData): void {
  const problems = [
    ...camerasProblems(config, source),
    ...arraysProblems(config, source),
    ...namesProblems(config, source),
  ]
  if (problems.length === 0) return
  throw new ConfigError(
    'config/robot-data',
    `${source.name} does not fit the policy: ${problems.join('; ')}`,
    {
      source: source.name,
      problems,
    },
  )
}

function* camerasProblems({ cameras }: ChunkPolicyConfig, source: RobotData): Generator<string> {
  const given = source.cameras ?? [onlyCamera]
  // A camera without a name may have any.
  if (cameras.length === 0 || (source.cameras === undefined && cameras.length === 1)) return
  const missing = cameras.filter((name) => !given.includes(name))
  for (const name of missing) yield `it has no camera '${name}'${didYouMean(name, given)}`
  const unknown = given.filter((name) => !cameras.includes(name))
  if (unknown.length > 0) yield `the policy has no camera ${unknown.map((name) => `'${name}'`).join(', ')}`
  if (missing.length === 0 && unknown.length === 0 && `${given}` !== `${cameras}`)
    yield `its cameras are ordered ${given.join(', ')}, the policy's ${cameras.join(', ')}`
}

function* arraysProblems(config: ChunkPolicyConfig, { arrays = {} }: RobotData): Generator<string> {
  const { state_size, action_size, chunk_size } = config
  const wanted = {
    ...(state_size > 0 && { [chunkKeys.state]: [state_size] }),
    [chunkKeys.action]: [chunk_size, action_size],
    [chunkKeys.isPad]: [chunk_size],
  }
  for (const [key, shape] of Object.entries(wanted)) {
    const found = arrays[key]
    if (!found) yield `it has no '${key}'${didYouMean(key, Object.keys(arrays))}`
    else if (`${found.shape}` !== `${shape}`)
      yield `'${key}' is [${found.shape}] for each sample, the policy takes [${shape}]${stepsHint(key, found.shape)}`
  }
}

/** Way out where the data brings past observations too. */
const stepsHint = (key: string, shape: readonly number[]): string =>
  key === chunkKeys.state && shape.length > 1
    ? ': it sees the present observation only, so leave observationSteps out'
    : ''

/** Numbers of the same count under other names, or in another order, are those of another robot. */
function* namesProblems(config: ChunkPolicyConfig, source: RobotData): Generator<string> {
  const wanted = { [chunkKeys.state]: config.state_names, [chunkKeys.action]: config.action_names }
  for (const [key, names] of Object.entries(wanted)) {
    const found = namesIn(source, key)
    if (!names || !found || found.length !== names.length || `${found}` === `${names}`) continue
    yield `'${key}' is ${found.join(', ')}; the policy knows ${names.join(', ')}`
  }
}
