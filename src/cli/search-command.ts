import { dirname, relative } from 'node:path'
import type { Sample, Source } from '../data/index.ts'
import type { PreparedRun } from '../recipes/index.ts'
import { shellWord } from './shell-word.ts'

/**
 * A command that tries a trained run: of a policy the export; else a search for what the first image of its data shows, best of its tests,
 * in that image's folder. Data without files cannot be searched; then the command exports the model.
 */
export async function searchCommand({ directory, data, learner }: PreparedRun): Promise<string> {
  if (learner.results === 'policy') return `npx visuomotor export ${shellWord(directory)}`
  const source = Object.values(data.tests)[0] ?? data.validation ?? data.training
  const sample = await firstOf(source)
  if (!sample || !('file' in sample.image)) return `npx visuomotor export ${shellWord(directory)}`
  const folder = dirname(sample.image.file)
  const fromHere = relative('.', folder) || '.'
  const images = fromHere.startsWith('..') ? folder : fromHere
  const query = JSON.stringify(sample.captions[0])
  return `npx visuomotor search ${shellWord(directory)} ${query} --images ${shellWord(images)}`
}

async function firstOf(source: Source): Promise<Sample | undefined> {
  for await (const sample of source.samples({ onBad: () => {} })) return sample
  return undefined
}
