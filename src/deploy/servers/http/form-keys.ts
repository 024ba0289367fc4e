import type { ChunkPolicyConfig } from '../../../models/index.ts'
import type { TaskName } from './schemas.ts'

/** A field of a form, and what the JSON of the same request has in its place. */
export interface FormField {
  /** Name of the field. */
  readonly field: string
  readonly is: 'picture' | 'text' | 'number'
  /** True for a list, which has a field for each of its items. */
  readonly isList?: true
  /** Key of the object that the value belongs into, as of the pictures of cameras. Default: the request itself. */
  readonly within?: string
}

/** Fields of a form by the keys of the JSON that they make. Files are pictures. */
export type FormKeys = Readonly<Record<string, FormField>>

const images = { images: { field: 'image', is: 'picture', isList: true } } as const

/** Keys of each request that a form may have; those of a policy that acts in chunks are of its cameras. */
export const formKeys = {
  act: {
    image: { field: 'image', is: 'picture' },
    command: { field: 'command', is: 'text' },
    labels: { field: 'label', is: 'text', isList: true },
  },
  embed: { ...images, texts: { field: 'text', is: 'text', isList: true } },
  classify: {
    ...images,
    labels: { field: 'label', is: 'text', isList: true },
    template: { field: 'template', is: 'text' },
  },
  search: {
    text: { field: 'text', is: 'text' },
    image: { field: 'image', is: 'picture' },
    top: { field: 'top', is: 'number' },
  },
  caption: {
    ...images,
    beams: { field: 'beams', is: 'number' },
    length: { field: 'length', is: 'number' },
  },
} as const satisfies Readonly<Partial<Record<TaskName, FormKeys>>>

/** Fields of a policy that acts in chunks: a file for each camera by its name, `state` for each number, `command`. */
export const chunkFormKeys = ({ cameras, state_size, text_config }: ChunkPolicyConfig): FormKeys => ({
  ...Object.fromEntries(
    cameras.map((name) => [name, { field: name, is: 'picture', within: 'cameras' }] as const),
  ),
  ...(state_size > 0 && { state: { field: 'state', is: 'number', isList: true } }),
  ...(text_config && { command: { field: 'command', is: 'text' } }),
})
