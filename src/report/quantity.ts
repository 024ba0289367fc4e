/** A value with its unit, as text: `{ label: 'Peak memory', text: '812 MB' }`. */
export interface Quantity {
  readonly label: string
  readonly text: string
}

/**
 * Name and value of a field of a summary; the unit is the end of its name: `…Seconds`, `…Bytes`, `…Fraction`
 * (0–1), `…PerSecond`, `…Metres` and `…Radians` become hours and minutes, megabytes, percent, a rate, centimetres and
 * degrees. Names of {@link isFraction} are fractions too, and recalls (`R@1`) percent.
 */
export function quantity(name: string, value: string | number | boolean): Quantity {
  if (typeof value === 'number') {
    if (name.endsWith('PerSecond'))
      return { label: humanize(name), text: formatNumber(value, value < 10 ? 1 : 0) }
    if (isFraction(name))
      return { label: humanize(name.replace(/(?<=.)Fraction$/, '')), text: percent(value) }
    if (name.startsWith('R@')) return { label: name, text: `${formatNumber(value, 1)} %` }
    for (const [suffix, noun, format] of units) {
      if (name.endsWith(suffix))
        return { label: humanize(name.slice(0, -suffix.length) + noun), text: format(value) }
    }
    return { label: humanize(name), text: formatNumber(value) }
  }
  return { label: humanize(name), text: String(value) }
}

/** A duration: `4 min 32 s`, `1 h 5 min`, `8.2 s`. */
export function formatDuration(seconds: number): string {
  if (!(seconds >= 60)) return `${formatNumber(seconds, seconds < 10 ? 1 : 0)} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`
}

/** Bytes in decimal units: `812 MB`, `1.3 GB`. */
export function formatBytes(bytes: number): string {
  const power = Math.min(Math.max(Math.floor(Math.log10(bytes) / 3), 0), 4) || 0
  const value = bytes / 1000 ** power
  return `${formatNumber(value, power > 0 && value < 10 ? 1 : 0)} ${['B', 'kB', 'MB', 'GB', 'TB'][power]}`
}

/** A number with grouped thousands and, if `digits` is given, exactly so many decimals: `1,660`, `45.20`. */
export function formatNumber(value: number, digits?: number): string {
  const decimals =
    digits === undefined
      ? { maximumSignificantDigits: Math.min(Math.max(6, integerDigits(value)), 21) }
      : { minimumFractionDigits: digits, maximumFractionDigits: digits }
  return value.toLocaleString('en-US', decimals)
}

/** Words of a camel-case name: `heldOutStyle` → `Held-out style`. Any other name, as of a file, stays as it is. */
export function humanize(name: string): string {
  if (!/^[a-z][a-zA-Z0-9]*$/.test(name)) return name
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replace('held out ', 'held-out ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** A fraction in [0, 1] as `45.2 %`. */
export function percent(fraction: number): string {
  return `${formatNumber(100 * fraction, 1)} %`
}

/**
 * Test that a metric is a fraction in [0, 1] by its name: `success`, `accuracy`, `overlap`, `precision`, `recall`, `f1`,
 * and `calibrationError`, alone or at the end, as of `averagePrecision`, and what ends with `Fraction`.
 */
export const isFraction = (name: string): boolean => fraction.test(name)

const fraction = /(^|[a-z])(success|accuracy|overlap|precision|recall|f1|calibrationError|fraction)$/i

const units: readonly (readonly [suffix: string, noun: string, format: (value: number) => string])[] = [
  ['Seconds', 'Time', formatDuration],
  ['Bytes', '', formatBytes],
  ['Metres', '', (metres) => `${formatNumber(100 * metres, 1)} cm`],
  ['Radians', '', (radians) => `${formatNumber((180 / Math.PI) * radians, 1)}°`],
]

const integerDigits = (value: number): number =>
  Math.abs(value) >= 1 ? Math.floor(Math.log10(Math.abs(value))) + 1 : 1
