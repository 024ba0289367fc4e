import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { namedParameters } from '../nn/index.ts'
import { adapterFiles } from './adapter-files.ts'
import { slotsFile } from './adapter-slots.ts'
import { descriptionFiles, type FamilyOptions } from './bundle.ts'
import type { CheckpointChoice } from './checkpoint-choice.ts'
import { exportedGraphs } from './exported-graphs.ts'
import { readJson } from './json-file.ts'
import { processorFile, readModelDescription, weightsFilesOf } from './read-bundle.ts'

/** Files of a model beside its weights and graphs. */
const described = [...Object.values(descriptionFiles), processorFile, adapterFiles.config, slotsFile]

/**
 * Files from which runtimes load a bundle, run or Hugging Face folder, relative to it: what describes the model, and its ONNX
 * files or, without them, its weights.
 * @throws Errors of `readBundle`.
 */
export function modelFiles(
  directory: string,
  { checkpoint, families }: { readonly checkpoint?: CheckpointChoice | undefined } & FamilyOptions = {},
): string[] {
  const { model, tokenizer } = readModelDescription(directory, { families })
  namedParameters(model) // gives the leaves of the graphs their names
  const graphs = Object.keys(exportedGraphs(model, tokenizer, families)).map((name) =>
    join('onnx', `${name}.onnx`),
  )
  const exist = (names: readonly string[]) => names.filter((name) => existsSync(join(directory, name)))
  const shipped = checkpoint === undefined ? exist(graphs) : []
  const weights = () =>
    weightsFilesOf(directory, checkpoint)
      .flatMap((file) => [file, ...shardsOf(file)])
      .map((file) => relative(directory, file))
  return [...exist(described), ...(shipped.length > 0 ? shipped : weights())]
}

/** The files that an index of weights names. */
function shardsOf(file: string): string[] {
  if (!file.endsWith('.index.json')) return []
  const { weight_map } = readJson(file) as { readonly weight_map: Readonly<Record<string, string>> }
  return [...new Set(Object.values(weight_map))].sort().map((shard) => join(dirname(file), shard))
}

/** SHA-256 of each of the {@link modelFiles}. @throws Errors of `readBundle`. */
export async function modelDigests(
  directory: string,
  options: Parameters<typeof modelFiles>[1] = {},
): Promise<Record<string, string>> {
  const digests: Record<string, string> = {}
  for (const file of modelFiles(directory, options)) {
    const hash = createHash('sha256')
    for await (const chunk of createReadStream(join(directory, file))) hash.update(chunk)
    digests[file] = hash.digest('hex')
  }
  return digests
}
