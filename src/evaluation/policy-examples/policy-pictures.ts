import { type Sample, type SeenPicture, type SeenSquare, type Source, seenPicture } from '../../data/index.ts'
import {
  formatNumber,
  humanize,
  type Mark,
  type MarkedPicture,
  type PictureStrip,
} from '../../report/index.ts'
import type { PolicyExample, PolicyExamples } from './policy-examples.ts'
import { attentionWithin, classWords, verdictWords } from './policy-words.ts'

/**
 * Examples of a policy's test as strips of images for a report: drawn at random, then those that each head did worst.
 * @param square Processing of the model's images.
 */
export async function policyPictures(
  examples: PolicyExamples,
  heads: readonly string[],
  source: Source,
  square: SeenSquare,
): Promise<readonly PictureStrip[]> {
  const strips = [
    { title: 'Drawn at random', chosen: examples.drawn },
    ...heads.map((head) => ({
      title: `Worst of ${humanize(head).toLowerCase()}`,
      chosen: examples.worst(head),
    })),
  ].filter(({ chosen }) => chosen.length > 0)
  const samples = await samplesOf(source, new Set(strips.flatMap(({ chosen }) => chosen.map(({ id }) => id))))
  const pictures = new Map<string, MarkedPicture>()
  for (const { id, verdicts, attention } of strips.flatMap(({ chosen }) => chosen)) {
    const sample = samples.get(id)
    if (sample === undefined || pictures.has(id)) continue
    const seen = await seenPicture(sample, square)
    pictures.set(id, pictureOf({ id, verdicts, attention }, sample, seen, source.classNames ?? {}))
  }
  return strips.map(({ title, chosen }) => ({
    title,
    pictures: chosen.flatMap(({ id }) => pictures.get(id) ?? []),
  }))
}

/** Samples with these ids; reading ends when all are found. */
export async function samplesOf(
  source: Source,
  ids: ReadonlySet<string>,
): Promise<ReadonlyMap<string, Sample>> {
  const found = new Map<string, Sample>()
  if (ids.size === 0) return found
  for await (const sample of source.samples({ onBad: () => {} })) {
    if (!ids.has(sample.id)) continue
    found.set(sample.id, sample)
    if (found.size === ids.size) break
  }
  return found
}

function pictureOf(
  { verdicts, attention }: PolicyExample,
  sample: Sample,
  seen: SeenPicture,
  classNames: Readonly<Record<string, readonly string[]>>,
): MarkedPicture {
  const answers = verdicts.flatMap((verdict) => verdict.answers)
  const box = answers.find(({ kind }) => kind === 'box')?.right
  const within = box && attentionWithin(attention, box)
  return {
    picture: seen.png,
    marks: answers.flatMap(({ label, kind, found, right }) =>
      [
        { name: `found ${label}`, values: found },
        { name: `true ${label}`, values: right },
      ].flatMap(({ name, values }) => markOf(name, kind, values, seen)),
    ),
    title: `“${sample.captions[0]}”`,
    lines: [
      ...verdicts.map(verdictWords),
      ...answers.flatMap((answer) => classWords(answer, classNames[answer.label])),
      ...(within === undefined
        ? []
        : [`${formatNumber(100 * within, 0)} % of the attention in the true box`]),
    ],
    ...(attention.length > 0 && { attention: attention.map((weight) => Number(weight.toPrecision(3))) }),
  }
}

/** A box as it is; poses and positions where the camera is known and sees them. */
function markOf(name: string, kind: string, values: readonly number[], seen: SeenPicture): Mark[] {
  if (kind === 'box') return [{ name, place: values }]
  if (kind !== 'pose' && kind !== 'position') return []
  const mark = seen.project(values)
  const isInside = mark?.place.every((part) => part >= 0 && part <= 1)
  return mark && isInside ? [{ name, ...mark }] : []
}
