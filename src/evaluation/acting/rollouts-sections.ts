import {
  html,
  htmlTable,
  markedPictures,
  pictureAddress,
  rolloutTable,
  type Section,
} from '../../report/index.ts'
import { filmOf } from '../rollout/film.ts'
import { type Recording, succeeded } from '../rollout/recording.ts'
import type { TriedEpisode } from '../rollout/rollout.ts'
import { summarizeRollout } from '../rollout/summary.ts'
import type { ActingPolicy } from './acting-policy.ts'
import { episodePicture } from './episode-picture.ts'
import { successOf } from './measures.ts'
import type { SeenEpisode } from './rollouts.ts'
import { worstFirst } from './worst-episodes.ts'

/** Numbers of episodes that are shown. */
const shown = { worst: 6, successes: 3, filmed: 3 }

/** The table by task and split, the worst episodes and some successes, and a film of both. */
export async function rolloutSections(
  tried: readonly SeenEpisode[],
  recordings: readonly Recording[],
  policy: ActingPolicy,
): Promise<Section[]> {
  const worst = worstFirst(tried)
  const successes = tried.filter(({ outcomes }) => successOf(outcomes) === 1)
  return [
    tableSection(tried),
    {
      title: 'Worst episodes',
      note: 'What the robot saw first, and where the model looked: light where its attention lay.',
      body: await picturesOf(worst.slice(0, shown.worst), policy),
    },
    {
      title: 'Episodes that succeeded',
      body: await picturesOf(successes.slice(0, shown.successes), policy),
    },
    ...(await filmSection([...worst, ...successes], recordings)),
  ]
}

/** The table by task and split, and a film of failures and successes, of a policy that controls the robot. */
export async function controlSections(
  tried: readonly TriedEpisode[],
  recordings: readonly Recording[],
): Promise<Section[]> {
  return [tableSection(tried), ...(await filmSection(tried, recordings))]
}

const tableSection = (tried: readonly TriedEpisode[]): Section => ({
  title: 'Success in physics',
  note:
    'By task and split, with Wilson’s 95 % interval. Beside it the same scenes with the commands of others: who ' +
    'follows commands falls to chance, one in the number of objects.',
  body: htmlTable(rolloutTable(summarizeRollout(tried))),
})

/** Section with a film of the first failures and successes that were recorded; none without any. */
async function filmSection(
  tried: readonly TriedEpisode[],
  recordings: readonly Recording[],
): Promise<Section[]> {
  const filmed = tried.flatMap(({ episode }) =>
    recordings.filter((recording) => recording.episode === episode),
  )
  const failures = filmed.filter(({ outcome }) => !succeeded(outcome)).slice(0, shown.filmed)
  const right = filmed.filter(({ outcome }) => succeeded(outcome)).slice(0, shown.filmed)
  if (filmed.length === 0) return []
  const address = pictureAddress(await filmOf([...failures, ...right]))
  return [
    {
      title: 'Acting',
      note: 'Failures first, then successes, each with the robot’s own image in its corner.',
      body: html`<img src="${address}" alt="Film of episodes" loading="lazy" style="max-width:100%">`,
    },
  ]
}

async function picturesOf(tried: readonly SeenEpisode[], policy: ActingPolicy) {
  if (tried.length === 0) return html`<p>There are none.</p>`
  return markedPictures(
    await Promise.all(tried.map(({ look, outcomes }) => episodePicture(look, outcomes, policy))),
  )
}
