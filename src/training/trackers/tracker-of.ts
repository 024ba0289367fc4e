import { ConfigError, didYouMean } from '../../core/index.ts'
import { Mlflow } from './mlflow.ts'
import type { Tracker } from './tracker.ts'
import { Trackio } from './trackio.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** A kind of tracker: the key of an address under which runs are gathered, and its client. */
interface TrackerKind {
  readonly key: string
  readonly make: (address: { url: string; group: string }, environment: Environment) => Tracker
}

const kinds: Readonly<Record<string, TrackerKind>> = {
  mlflow: {
    key: 'experiment',
    make: ({ url, group }, environment) =>
      new Mlflow({ url, experiment: group, headers: mlflowHeaders(environment) }),
  },
  trackio: {
    key: 'project',
    make: ({ url, group }, { TRACKIO_WRITE_TOKEN: token }) =>
      new Trackio({ url, project: group, headers: token ? { 'x-trackio-write-token': token } : {} }),
  },
}

/**
 * The tracker that a text names: `mlflow=http://host:5000`, `mlflow=https://host?experiment=doors`, `trackio=http://host:7860?project=doors`.
 * Runs are gathered under `visuomotor` where nothing else is named. Secrets come from the environment: MLFLOW_TRACKING_TOKEN, or
 * MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD; TRACKIO_WRITE_TOKEN.
 * @throws ConfigError `training/tracker`.
 */
export function trackerOf(text: string, environment: Environment = process.env): Tracker {
  const [name = '', ...rest] = text.split('=')
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
  if (!kind) throw wrongTracker(name, whyUnknown(name))
  const address = rest.join('=')
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (!url || !/^https?:$/.test(url.protocol))
    throw wrongTracker(name, `its address is no URL: ${name}=http://HOST:PORT`)
  if (url.username || url.password || [...url.searchParams.keys()].some((key) => key !== kind.key))
    throw wrongTracker(
      `${name}=${url.origin}`,
      `an address may have '?${kind.key}=NAME' and nothing else: secrets belong to the environment, see docs/trackers.md`,
    )
  const group = url.searchParams.get(kind.key) || 'visuomotor'
  return kind.make({ url: `${url.origin}${url.pathname}`.replace(/\/+$/, ''), group }, environment)
}

function whyUnknown(name: string): string {
  if (name === 'wandb')
    return (
      "W&B has no maintained way in from JavaScript; docs/trackers.md says how its Python package takes a run's " +
      'metrics.jsonl, also offline'
    )
  const known = Object.keys(kinds)
  return `there is no tracker '${name}'${didYouMean(name, known)} (${known.map((each) => `${each}=URL`).join(', ')})`
}

/** @param track What was asked for, without what may be a secret. */
const wrongTracker = (track: string, reason: string): ConfigError =>
  new ConfigError('training/tracker', `'${track}' names no tracker: ${reason}`, { track })

function mlflowHeaders(environment: Environment): Record<string, string> {
  const { MLFLOW_TRACKING_TOKEN, MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD = '' } = environment
  if (MLFLOW_TRACKING_TOKEN) return { authorization: `Bearer ${MLFLOW_TRACKING_TOKEN}` }
  if (!MLFLOW_TRACKING_USERNAME) return {}
  const pair = Buffer.from(`${MLFLOW_TRACKING_USERNAME}:${MLFLOW_TRACKING_PASSWORD}`)
  return { authorization: `Basic ${pair.toString('base64')}` }
}
