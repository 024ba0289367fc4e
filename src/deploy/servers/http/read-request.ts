import type { z } from 'zod'
import { didYouMean, RequestError } from '../../../core/index.ts'
import type { CameraPixels, EncodedImage } from '../../../data/images/index.ts'
import type { Limits } from '../limits.ts'
import { mediaType, parseJson, readBody, requireForm } from './body.ts'
import type { FormField, FormKeys } from './form-keys.ts'
import { requireImageFits } from './image-header.ts'
import { type Form, readForm } from './multipart.ts'
import type { Asked } from './route.ts'
import type { PictureInput } from './schemas.ts'

/**
 * Content of a request in JSON or as a form, checked against its schema.
 * @throws RequestError `serve/media-type`, `serve/request`, `serve/too-large`, `serve/slow`.
 */
export async function readRequest<S extends z.ZodType>(
  { incoming }: Asked,
  schema: S,
  keys: FormKeys,
  { requestBytes }: Limits,
): Promise<z.output<S>> {
  const type = mediaType(incoming)
  if (type === 'application/json')
    return requireForm(schema, parseJson(await readBody(incoming, requestBytes)))
  if (type === 'multipart/form-data') {
    const form = await readForm(incoming.headers, await readBody(incoming, requestBytes))
    return requireForm(schema, contentOf(form, keys))
  }
  throw new RequestError(
    'serve/media-type',
    `the body is ${type || 'of no type'}; send application/json or multipart/form-data`,
    { type },
  )
}

/** A form as the content that JSON would have. */
function contentOf({ fields, files }: Form, keys: FormKeys): Record<string, unknown> {
  const keyOf = new Map(Object.entries(keys).map(([key, { field }]) => [field, key]))
  const content: Record<string, unknown> = {}
  for (const [field, values] of [...fields, ...encodedFiles(files)]) {
    const key = keyOf.get(field)
    if (key === undefined) throw unknownField(field, [...keyOf.keys()])
    const { within } = keys[key]!
    const value = fieldValue(keys[key]!, values)
    if (within === undefined) content[key] = value
    else content[within] = { ...(content[within] as object | undefined), [key]: value }
  }
  return content
}

function fieldValue({ field, is, isList }: FormField, values: readonly unknown[]): unknown {
  if (!isList && values.length > 1) throw malformed(`it has ${values.length} fields '${field}'`, { field })
  const all = is === 'number' ? values.map(numberOf) : values
  return isList ? all : all[0]
}

/** Number of a field; NaN, which no schema takes, for a text that is none. */
const numberOf = (text: unknown): number =>
  typeof text === 'string' && text.trim() !== '' ? Number(text) : Number.NaN

/** Files as pictures of JSON; their bytes are looked at when they are read. */
const encodedFiles = (files: Form['files']): (readonly [string, readonly unknown[]])[] =>
  Array.from(files, ([field, all]) => [
    field,
    all.map((bytes) => ({
      base64: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64'),
    })),
  ])

const malformed = (problem: string, facts: Readonly<Record<string, unknown>>): RequestError =>
  new RequestError('serve/request', `the form is not as asked for: ${problem}`, facts)

const unknownField = (field: string, known: readonly string[]): RequestError =>
  malformed(`there is no field '${field.slice(0, 100)}'${didYouMean(field, known)}`, { field, known })

/**
 * Images of a request, checked by their headers.
 * @param nameOf Name of an image in messages, by its place.
 * @throws RequestError `serve/image`; `serve/too-large` for more images than the server takes.
 */
export function picturesOf(
  pictures: readonly PictureInput[],
  { imageSide, items }: Limits,
  nameOf: (i: number) => string = (i) => `image ${i}`,
): (CameraPixels | EncodedImage)[] {
  requireFew(pictures, 'images', items)
  return pictures.map((picture, i) => {
    const image =
      'base64' in picture
        ? { bytes: Buffer.from(picture.base64, 'base64') }
        : { width: picture.width, height: picture.height, data: Buffer.from(picture.rgb, 'base64') }
    requireImageFits(image, nameOf(i), imageSide)
    return image
  })
}

/** Check the number of things in a request. @throws RequestError `serve/too-large`. */
export function requireFew(things: readonly unknown[], what: string, most: number): void {
  if (things.length <= most) return
  const message = `${things.length} ${what} are asked for at once; the server takes ${most}`
  throw new RequestError('serve/too-large', message, { count: things.length, most })
}
