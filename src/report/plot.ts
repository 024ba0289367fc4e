import type { TopLevelSpec } from 'vega-lite'
import { optionalPackage } from '../core/index.ts'
import { html } from './html.ts'
import { lineLooks } from './line-looks.ts'
import { smooth } from './smooth.ts'

/** A point of a line, and where it was measured the interval around its y, drawn as a bar. */
export interface LinePoint {
  readonly x: number
  readonly y: number
  readonly interval?: readonly [low: number, high: number]
}

/** A named line. Points that are not finite are left out. */
export interface Series {
  readonly name: string
  readonly points: readonly LinePoint[]
  /** Draw a running mean, and the points themselves faintly behind it. */
  readonly smooth?: boolean
  /**
   * Name of its group, one of the plot's `groups`. Lines of one group share a colour, dashes and the legend's entry.
   * Default: each line for itself.
   */
  readonly group?: string
  /** Mark its points with dots, which tells two lines of a group apart. Default: if it has few. */
  readonly dots?: boolean
}

/** A plot of lines over a common x. */
export interface LinePlot {
  readonly title: string
  /** The x axis. `format`: a d3 number format; `d` labels whole numbers only. */
  readonly x: { readonly title: string; readonly format?: string }
  /**
   * The y axis. `scale`: `data` spans the values, `zero` also includes 0, `log` is logarithmic and leaves out
   * values that are not positive. `format`: a d3 number format.
   */
  readonly y: { readonly title: string; readonly scale: 'data' | 'zero' | 'log'; readonly format?: string }
  readonly series: readonly Series[]
  /**
   * Groups of lines, such as runs: each has its colour by its place here and dashes of its own, so that one looks the same
   * in every plot. The legend names those with lines. Default: every line for itself, undashed.
   */
  readonly groups?: readonly string[]
  /** Draw steps: each value holds since the one before it. Default false: straight from value to value. */
  readonly steps?: boolean
}

/** Default colour of text: readable on white and on near-black. */
const neutral = '#737b86'
/** Length of a smoothed line in deviations of its kernel. */
const smoothness = 80
/** Largest number of points that a line shows as dots. */
const fewPoints = 30

/**
 * A line plot as SVG. Identical input gives identical text.
 *
 * The background is transparent; axes and text take the `color` around them in a page, and elsewhere a grey
 * that is readable on white and on black.
 */
export async function linePlot(plot: LinePlot): Promise<string> {
  const [vega, { compile }] = await optionalPackage('vega vega-lite', 'a plot', () =>
    Promise.all([import('vega'), import('vega-lite')]),
  )
  const view = new vega.View(vega.parse(compile(specification(plot)).spec), { renderer: 'none' })
  const svg = await view.toSVG()
  view.finalize()
  return svg.replace('<svg ', html`<svg color="${neutral}" role="img" aria-label="${plot.title}" `.toString())
}

/**
 * An SVG as PNG bytes, `width` pixels wide, on white.
 *
 * Text uses the fonts of the machine: an image may differ between machines, and lacks its text on one without
 * fonts.
 */
export async function pngOf(svg: string, width: number): Promise<Uint8Array> {
  const { Resvg } = await optionalPackage('@resvg/resvg-js', 'an SVG as PNG', () => import('@resvg/resvg-js'))
  return new Resvg(svg, { fitTo: { mode: 'width', value: width }, background: 'white' }).render().asPng()
}

function specification({ title, x, y, series, groups, steps = false }: LinePlot): TopLevelSpec {
  const faint = series.filter((line) => line.smooth)
  const marked = series.filter(({ points, dots = points.length <= fewPoints }) => dots)
  const intervals = series.flatMap((line) => intervalsOf(line, y.scale))
  const points = (group: readonly Series[]) => ({ values: group.flatMap((line) => pointsOf(line, y.scale)) })
  const lines = (group: readonly Series[]) => ({ values: group.flatMap((line) => smoothedOf(line, y.scale)) })
  return {
    title,
    width: 480,
    height: 280,
    autosize: { type: 'fit', contains: 'padding' },
    padding: { left: 0, top: 0, right: 4, bottom: 6 },
    background: 'transparent',
    layer: [
      { data: points(faint), mark: { type: 'line', strokeWidth: 1, opacity: 0.35 } },
      {
        data: lines(series),
        mark: { type: 'line', strokeWidth: 2, ...(steps && { interpolate: 'step-before' as const }) },
      },
      { data: lines(marked), mark: { type: 'point', filled: true, size: 30, opacity: 1 } },
      ...(intervals.length > 0 ? [intervalLayer(intervals, y.title)] : []),
    ],
    encoding: {
      x: {
        field: 'x',
        type: 'quantitative',
        title: x.title,
        scale: { nice: false, zero: false },
        axis: {
          ...(x.format && { format: x.format }),
          ...(x.format === 'd' && { tickMinStep: 1 }),
          ...axisOfOne(points(series).values.map(({ x }) => x)),
        },
      },
      y: { field: 'y', type: 'quantitative', title: y.title, ...scaleOf(y, points(series).values) },
      ...lineLooks(groups ?? series.map(groupOf), series.map(groupOf), groups !== undefined),
    },
    config: appearance,
  }
}

function scaleOf(y: LinePlot['y'], points: readonly Point[]): { scale: object; axis: object } {
  const values = points.map(({ y }) => y)
  if (y.scale === 'log') {
    const ticks = logTicks(values)
    // So short an axis that no round number lies on it.
    const axis =
      ticks.length > 0 || values.length === 0
        ? { values: ticks, format: '~g' }
        : { values: endsOf(values), format: '.3~r' }
    return { scale: { type: 'log', nice: false }, axis }
  }
  if (y.scale === 'data' && new Set(values).size === 1)
    return { scale: { zero: false }, axis: { ...axisOfOne(values), format: '.4~r' } }
  const whole = y.format === 'd' ? { tickMinStep: 1 } : {}
  return { scale: { zero: y.scale === 'zero' }, axis: { ...(y.format && { format: y.format }), ...whole } }
}

const text = { labelColor: 'currentColor', titleColor: 'currentColor', labelFontSize: 12, titleFontSize: 12 }

const appearance: NonNullable<TopLevelSpec['config']> = {
  view: { stroke: null },
  title: { anchor: 'start', color: 'currentColor', fontSize: 14, fontWeight: 600, offset: 12 },
  axis: {
    ...text,
    titleFontWeight: 'normal',
    titleOpacity: 0.75,
    labelOpacity: 0.75,
    domain: false,
    ticks: false,
    labelPadding: 6,
    tickCount: 5,
    gridColor: 'currentColor',
    gridOpacity: 0.15,
  },
  axisX: { grid: false, domain: true, domainColor: 'currentColor', domainOpacity: 0.4 },
  legend: {
    ...text,
    symbolType: 'stroke',
    symbolStrokeWidth: 3,
    symbolOpacity: 1,
    columnPadding: 16,
    labelLimit: 400,
    offset: 8,
  },
}

/** An axis for a single value, labelled as it is; Vega would write ten as 10.000000. */
const axisOfOne = (values: readonly number[]): object =>
  new Set(values).size === 1 ? { values: values.slice(0, 1), format: '~f' } : {}

const endsOf = (values: readonly number[]): [low: number, high: number] => [
  values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY),
  values.reduce((most, value) => Math.max(most, value), 0),
]

/** 1, 2 and 5 times the powers of ten within the values; powers alone if they span more than three. */
function logTicks(values: readonly number[]): number[] {
  const [low, high] = endsOf(values)
  const ticks: number[] = []
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    for (const factor of high / low > 1000 ? [1] : [1, 2, 5]) ticks.push(factor * 10 ** power)
  }
  return ticks.filter((tick) => tick >= low && tick <= high)
}

interface Point {
  readonly x: number
  readonly y: number
  readonly series: string
  readonly group: string
}

const groupOf = ({ name, group = name }: Series): string => group

const pointsOf = (line: Series, scale: LinePlot['y']['scale']): Point[] =>
  line.points
    .filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y) && (scale !== 'log' || y > 0))
    .map(({ x, y }) => ({ x, y, series: line.name, group: groupOf(line) }))

/** Bars from low to high at each point. */
const intervalLayer = (values: readonly (Point & { low: number; high: number })[], title: string) => ({
  data: { values: [...values] },
  mark: { type: 'rule' as const, strokeWidth: 1.5, opacity: 0.6 },
  encoding: {
    y: { field: 'low', type: 'quantitative' as const, title },
    y2: { field: 'high' },
  },
})

/** Points of a line that have an interval, with its ends. */
const intervalsOf = (line: Series, scale: LinePlot['y']['scale']) =>
  line.points.flatMap(({ x, y, interval }) => {
    if (interval === undefined) return []
    const [low, high] = interval
    return pointsOf({ ...line, points: [{ x, y }] }, scale).map((point) => ({ ...point, low, high }))
  })

function smoothedOf(line: Series, scale: LinePlot['y']['scale']): Point[] {
  const points = pointsOf(line, scale)
  if (!line.smooth) return points
  const smoothed = smooth(
    points.map(({ y }) => y),
    points.length / smoothness,
  )
  return points.map((point, i) => ({ ...point, y: smoothed[i]! }))
}
