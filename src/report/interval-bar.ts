import { type Html, html } from './html.ts'

/** A number and its interval over an axis. */
export interface IntervalBar {
  readonly value: number
  /** Absent: the value alone. */
  readonly interval?: readonly [low: number, high: number]
  /** Numbers at the left and the right end; what lies outside stops there. */
  readonly axis: readonly [left: number, right: number]
  /** The same in words, for those who do not see it. */
  readonly text: string
  /** A number to compare with, drawn as a line, such as 0 for a difference. */
  readonly reference?: number
  /** Colour of a number that is good or bad. Default: neither. */
  readonly tone?: 'right' | 'wrong'
}

/** An interval as a bar with its value as a tick; a bar of an axis without length, or of no finite value, is empty. */
export function intervalBar({ value, interval, axis, text, reference, tone }: IntervalBar): Html {
  const [left, right] = axis
  const place = (x: number) => Math.min(Math.max((100 * (x - left)) / (right - left), 0), 100)
  const isDrawn = Number.isFinite(value) && right > left
  const ends = interval?.every(Number.isFinite)
    ? ([place(interval[0]), place(interval[1])] as const)
    : undefined
  return html`<span class="${tone === undefined ? 'interval' : `interval ${tone}`}" role="img" aria-label="${text}">\
${isDrawn && reference !== undefined ? html`<i class="reference" style="left:${percentage(place(reference))}"></i>` : ''}\
${isDrawn && ends ? html`<i class="range" style="left:${percentage(ends[0])};width:${percentage(ends[1] - ends[0])}"></i>` : ''}\
${isDrawn ? html`<i class="tick" style="left:${percentage(place(value))}"></i>` : ''}</span>`
}

const percentage = (part: number): string => `${Number(part.toFixed(2))}%`
