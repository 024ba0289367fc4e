import { z } from 'zod'

/** Bytes of the units that sizes of memory have. */
const units: Readonly<Record<string, number>> = {
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
}

/** A size of memory: a number of bytes, or a text with a unit, such as `4GiB` or `512 MB`. In bytes. */
export const byteSize = z.union([z.number().positive(), z.string()]).transform((value, context) => {
  if (typeof value === 'number') return value
  const [, number, unit] = /^\s*(\d+(?:\.\d+)?)\s*([kmg]i?b)\s*$/i.exec(value) ?? []
  const bytes = number === undefined ? 0 : Number(number) * units[unit!.toUpperCase()]!
  if (bytes > 0) return bytes
  context.addIssue({ code: 'custom', message: `'${value}' is no size of memory, such as 4GiB or 512MiB` })
  return z.NEVER
})
