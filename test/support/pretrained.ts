import { cpSync, mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const golden = join(import.meta.dirname, '../golden/finetune')

/** Small models as Python's transformers saved them. */
export type Pretrained = 'clip' | 'clip-float16' | 'clip-bfloat16' | 'siglip2'

/** A new folder of a pretrained model, with its tokenizer and the settings of its images. */
export function pretrained(name: Pretrained): string {
  const folder = join(mkdtempSync(join(tmpdir(), 'pretrained-')), name)
  const family = name === 'siglip2' ? name : 'clip'
  cpSync(join(golden, name), folder, { recursive: true })
  cpSync(join(golden, family, 'preprocessor_config.json'), join(folder, 'preprocessor_config.json'))
  for (const file of ['tokenizer.json', 'tokenizer_config.json'])
    cpSync(join(golden, '../token-ids', family, file), join(folder, file))
  return folder
}

/** What Python computes of these models for one image [1, 3, 16, 16] and some texts. */
export interface GoldenFeatures {
  readonly pixels: readonly number[]
  readonly clip: Cases<'alone' | 'adapter' | 'adapter-rslora'>
  readonly siglip2: Cases<'alone'>
}

type Cases<Name extends string> = { readonly ids: readonly number[] } & Readonly<
  Record<Name, { readonly image: readonly number[]; readonly text: readonly number[] }>
>

export const goldenFeatures = (): GoldenFeatures =>
  JSON.parse(readFileSync(join(golden, 'features.json'), 'utf8'))
