import { html, htmlTable, humanize, markedPictures, pValueText, type Section } from '../../report/index.ts'
import type { Measured } from '../suite/measured.ts'
import type { ActingPolicy } from './acting-policy.ts'
import { episodePicture } from './episode-picture.ts'
import { percent, successOf } from './measures.ts'
import type { ObeyedScene } from './obedience.ts'
import type { TaskPairs } from './obedience-pairs.ts'

/** Number of scenes that are shown of each sort. */
const shown = 4

/** Success with each command, and pictures of scenes in which the policy obeyed and did not. */
export async function obedienceSections(
  tried: readonly ObeyedScene[],
  metrics: Readonly<Record<string, Measured>>,
  byTask: Readonly<Record<string, TaskPairs>>,
  policy: ActingPolicy,
): Promise<Section[]> {
  const chance = tried.reduce((sum, { scene }) => sum + 1 / scene.right.objects, 0) / tried.length
  const deaf = tried.filter(
    ({ right, other }) => successOf(other) > 0 && successOf(other) >= successOf(right),
  )
  const obedient = tried.filter(({ right, other }) => successOf(right) > successOf(other))
  return [
    {
      title: 'Does it obey?',
      note:
        'The same scenes with the right command, with a command about another object, and with none, all judged by the ' +
        `right goal; beside them the other command by its own goal. Who ignores commands succeeds as often with each; by chance it is ${percent({ value: chance })} %. Intervals hold 95 %.`,
      body: tableOf(metrics, byTask),
    },
    {
      title: 'Scenes in which it did not follow the command',
      note: 'First with the right command, then with the other: it succeeded at the right goal all the same.',
      body: await picturesOf(deaf, policy),
    },
    {
      title: 'Scenes in which it followed the command',
      note: 'First with the right command, then with the other.',
      body: await picturesOf(obedient, policy),
    },
  ]
}

function tableOf(metrics: Readonly<Record<string, Measured>>, byTask: Readonly<Record<string, TaskPairs>>) {
  const { right, other, none, otherAtItsGoal, difference } = metrics
  const all = { right, other, none, otherAtItsGoal, difference } as unknown as TaskPairs
  const row = (name: string, pairs: Omit<TaskPairs, 'mcNemar'>, p: string | undefined) => [
    name,
    pairs.difference.count,
    percent(pairs.right),
    percent(pairs.other),
    percent(pairs.none),
    percent(pairs.otherAtItsGoal),
    percent(pairs.difference),
    p,
  ]
  return htmlTable({
    columns: [
      { title: 'Task' },
      { title: 'Scenes' },
      ...['Right %', 'Other %', 'None %', 'Other, own goal %', 'Right − other'].map((title) => ({
        title,
        align: 'right' as const,
      })),
      { title: 'McNemar’s p', align: 'right' },
    ],
    rows: [
      row('All', all, undefined),
      ...Object.entries(byTask).map(([task, pairs]) =>
        row(humanize(task), pairs, pValueText(pairs.mcNemar.p)),
      ),
    ],
  })
}

async function picturesOf(tried: readonly ObeyedScene[], policy: ActingPolicy) {
  if (tried.length === 0) return html`<p>There are none.</p>`
  const pictures = tried
    .slice(0, shown)
    .flatMap(({ looks, right, other }) => [
      episodePicture(looks.right, right, policy, ['the right command']),
      episodePicture(looks.other, other, policy, [`the right command is “${looks.right.episode.text}”`]),
    ])
  return markedPictures(await Promise.all(pictures))
}
