import {
  type CameraLook,
  type EpisodePreview,
  type EpisodesInspection,
  type Finding,
  findingKinds,
  thumbnail,
  type ValueSummary,
} from '../data/index.ts'
import {
  type EpisodesContents,
  formatNumber,
  type Html,
  html,
  type LinePlot,
  type MarkedPicture,
  type PlayedEpisode,
  type Table,
} from '../report/index.ts'

/** Episodes that a cell lists, plots of values, and episodes whose pictures are shown for each camera. */
const listed = { episodes: 8, plots: 24, pictures: 4 } as const

/** Content of the page of an inspection of episodes. */
export async function episodesContents(
  inspection: EpisodesInspection,
  looks: readonly CameraLook[],
): Promise<EpisodesContents> {
  const { directory, version, robot, fps, frames, episodes, cameras, values, findings, tasks } = inspection
  const kinds = new Set(findings.map(({ kind }) => kind))
  return {
    title: `Episodes of ${directory.split(/[/\\]/).filter(Boolean).at(-1) ?? directory}`,
    subtitle: [`LeRobot ${version}`, robot, `${formatNumber(fps)} frames a second`]
      .filter(Boolean)
      .join(' · '),
    figures: [
      { label: 'Episodes', value: formatNumber(episodes.length) },
      { label: 'Frames', value: formatNumber(frames) },
      { label: 'Minutes', value: formatNumber(frames / fps / 60, 1) },
      {
        label: 'To look at',
        value: formatNumber(findings.length),
        more:
          findings.length > 0
            ? `of ${kinds.size} ${kinds.size === 1 ? 'kind' : 'kinds'}`
            : 'nothing was found',
      },
    ],
    findings: findingsTable(findings),
    sound: `Nothing was found in ${formatNumber(episodes.length)} episodes: no gap in time, no stuck or saturated value, no unit, task or camera that looks wrong, and statistics that fit.`,
    plots: [
      {
        title: 'Time',
        note: 'A step of one frame is what the rate says; longer ones are gaps.',
        plots: timePlots(inspection),
      },
      {
        title: 'Values',
        note: 'Least, mean and greatest value in each episode.',
        plots: values.slice(0, listed.plots).map(valuePlot),
      },
    ],
    cameras: await Promise.all(
      cameras.map(async (name) => ({ name, pictures: await picturesOf(looks, name) })),
    ),
    tasks: {
      columns: [{ title: 'Command' }, { title: 'Episodes' }],
      rows: Object.entries(tasks).map(([task, count]) => [task.trim() === '' ? '(empty)' : task, count]),
    },
  }
}

/** Findings as rows: kind, value, episodes, and what was found with what it means. */
export function findingRows(
  findings: readonly Finding[],
): [kind: string, subject: string, episodes: string, message: string][] {
  return findings.map(({ kind, subject, episodes, message }) => {
    const shown = episodes.slice(0, listed.episodes).join(', ')
    const more = episodes.length > listed.episodes ? ` and ${episodes.length - listed.episodes} more` : ''
    return [kind, subject, episodes.length > 0 ? shown + more : 'all', message]
  })
}

const findingsTable = (findings: readonly Finding[]): Table<Html> => ({
  columns: ['Finding', 'Of', 'Episodes', 'What'].map((title) => ({ title })),
  rows: findingRows(findings).map(([kind, subject, episodes, message], i) => [
    kind,
    html`<code>${subject}</code>`,
    episodes,
    html`${message} <small>${findingKinds[findings[i]!.kind]}</small>`,
  ]),
})

function timePlots({ episodes }: EpisodesInspection): LinePlot[] {
  const x = { title: 'episode', format: 'd' }
  const line = (name: string, y: (episode: EpisodesInspection['episodes'][number]) => number) => [
    { name, points: episodes.map((episode) => ({ x: episode.index, y: y(episode) })) },
  ]
  return [
    {
      title: 'Length',
      x,
      y: { title: 'seconds', scale: 'zero' },
      series: line('seconds', ({ seconds }) => seconds),
    },
    {
      title: 'Longest step in time',
      x,
      y: { title: 'frames', scale: 'zero' },
      series: line('frames', ({ longestStep }) => longestStep),
    },
  ]
}

function valuePlot({ name, episodes }: ValueSummary): LinePlot {
  const series = (['min', 'mean', 'max'] as const).map((key) => ({
    name: key,
    points: episodes.map((own) => ({ x: own.episode, y: own[key] })),
    dots: false,
  }))
  return {
    title: name.title,
    x: { title: 'episode', format: 'd' },
    y: { title: 'value', scale: 'data' },
    series,
  }
}

async function picturesOf(looks: readonly CameraLook[], camera: string): Promise<MarkedPicture[]> {
  const own = looks.filter((look) => look.camera === camera)
  const episodes = [...new Set(own.map(({ episode }) => episode))]
  const step = Math.max(1, Math.ceil(episodes.length / listed.pictures))
  const shown = own.filter(({ episode }) => episodes.indexOf(episode) % step === 0)
  return Promise.all(
    shown.map(async ({ image, episode, frame, brightness }) => ({
      picture: await thumbnail({ image }),
      marks: [],
      title: `episode ${episode}, frame ${frame}`,
      lines: [`brightness ${formatNumber(brightness, 2)}`],
    })),
  )
}

/** Content of the page that plays an episode. */
export function playedEpisode(
  directory: string,
  { index, episodes, fps, frames, every, times, commands, cameras, features }: EpisodePreview,
): PlayedEpisode {
  const shown = every > 1 ? `; every ${every}. frame is shown` : ''
  return {
    title: `Episode ${index} of ${directory.split(/[/\\]/).filter(Boolean).at(-1) ?? directory}`,
    subtitle: `${formatNumber(frames)} frames at ${formatNumber(fps)} a second; the data set has ${formatNumber(episodes)} episodes`,
    note: `Space plays and pauses, the arrow keys step${shown}.`,
    commands,
    times,
    cameras,
    curves: features.map(({ name, lines }) => ({ title: name, lines })),
  }
}
