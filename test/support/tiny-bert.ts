import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { float32, type HostArray, random, writeSafetensors } from '../../src/core/index.ts'
import { BertTower, bertConfig } from '../../src/models/index.ts'
import { namedParameters } from '../../src/nn/index.ts'
import { tinyBertTokenizer } from './tiny-bundle.ts'

const tokenizerFolder = join(import.meta.dirname, '../golden/token-ids/bert')

/** Weights of a small BERT by the names of its own files. */
export type BertWeights = ReadonlyMap<string, HostArray<'float32'>>

/** The config of a small BERT with the tokens of the tests' tokenizer. */
export const tinyBertConfig = () =>
  bertConfig.parse({
    vocab_size: tinyBertTokenizer().vocabularySize,
    hidden_size: 24,
    num_hidden_layers: 2,
    num_attention_heads: 3,
    intermediate_size: 40,
    max_position_embeddings: 40,
  })

/**
 * Write the folder of a small BERT of random weights, as Hugging Face's libraries do.
 * @param name Name of a tensor in the file, of its usual name; undefined leaves it out. Default: the usual one.
 */
export function writeTinyBert(
  directory: string,
  name: (usual: string) => string | undefined = (usual) => usual,
): BertWeights {
  mkdirSync(directory, { recursive: true })
  const weights = new Map(
    Array.from(
      namedParameters(new BertTower(tinyBertConfig(), 'pooler')),
      ([path, { shape, initialize }]) => {
        const values = initialize(shape, random(3, 'bert', path)).map((x) => (shape.length > 1 ? 10 * x : x))
        return [path, float32(shape, values)] as const
      },
    ),
  )
  const named = [...weights].flatMap(([path, value]) => {
    const inFile = name(path)
    return inFile === undefined ? [] : [[inFile, value] as const]
  })
  writeSafetensors(join(directory, 'model.safetensors'), named)
  writeFileSync(
    join(directory, 'config.json'),
    JSON.stringify({ ...tinyBertConfig(), architectures: ['BertModel'] }),
  )
  for (const file of ['tokenizer.json', 'tokenizer_config.json'])
    copyFileSync(join(tokenizerFolder, file), join(directory, file))
  return weights
}
