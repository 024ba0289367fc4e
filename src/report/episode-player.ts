import { Html, html } from './html.ts'
import { lineColor } from './line-looks.ts'
import { page } from './page.ts'
import { pictureAddress } from './picture.ts'

/** Numbers of a feature over the frames of an episode. */
export interface PlayedCurves {
  readonly title: string
  /** Lines, each with a value a frame. */
  readonly lines: readonly { readonly name: string; readonly values: readonly number[] }[]
}

/** Content of {@link episodePlayer}. */
export interface PlayedEpisode {
  readonly title: string
  readonly subtitle: string
  /** Command of each frame. */
  readonly commands: readonly string[]
  /** Seconds of each frame. */
  readonly times: readonly number[]
  /** Pictures of each camera (PNG, JPEG or WebP), one a frame. */
  readonly cameras: readonly { readonly name: string; readonly pictures: readonly Uint8Array[] }[]
  readonly curves: readonly PlayedCurves[]
  /** Remarks, such as what was left out. */
  readonly note: string
}

/**
 * A page that plays an episode: its cameras, its command, and curves with the values of the frame that is shown. It needs
 * no other file; space plays and pauses, the arrow keys step.
 */
export function episodePlayer(episode: PlayedEpisode): string {
  const { title, subtitle, cameras, curves, note } = episode
  const body = html`<style>${new Html(playerStyle)}</style>
<div class="player">
<div class="cameras">${cameras.map(
    ({ name, pictures: [first] }) =>
      html`<figure><img data-camera="${name}" alt="camera ${name}"${first ? html` src="${pictureAddress(first)}"` : ''}>\
<figcaption>${name}</figcaption></figure>\n`,
  )}</div>
<p class="command-now" aria-live="polite"></p>
<div class="controls"><button type="button" class="play">Play</button>\
<input type="range" class="seek" min="0" max="${Math.max(0, episode.times.length - 1)}" value="0" aria-label="frame">\
<output class="time"></output>\
<label>Speed <select class="speed"><option value="0.25">¼</option><option value="0.5">½</option>\
<option value="1" selected>1</option><option value="2">2</option><option value="4">4</option></select></label></div>
</div>
${curves.map(curvesOf)}
<script type="application/json" id="episode">${new Html(dataOf(episode))}</script>
<script>${new Html(playerScript)}</script>
`
  return page({ title, subtitle, sections: [{ title: 'Episode', note, body }] })
}

/** Data for the script; `<` cannot end the element. */
const dataOf = ({ commands, times, cameras, curves }: PlayedEpisode): string =>
  JSON.stringify({
    times: times.map((time) => Number(time.toFixed(4))),
    commands,
    cameras: cameras.map(({ pictures }) => pictures.map((picture) => pictureAddress(picture))),
    values: curves.map(({ lines }) =>
      lines.map(({ values }) => values.map((value) => Number(value.toPrecision(4)))),
    ),
  }).replaceAll('<', '\\u003c')

/** Width and height of the drawing of curves, in its own units. */
const drawing = { width: 1000, height: 200 } as const

function curvesOf({ title, lines }: PlayedCurves, at: number): Html {
  const all = lines.flatMap(({ values }) => values).filter(Number.isFinite)
  const low = all.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY)
  const high = all.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY)
  const paths = lines.map(
    ({ values }, i) => html`<path d="${pathOf(values, low, high)}" stroke="${lineColor(i)}"/>`,
  )
  const written = (value: number) => (all.length > 0 ? String(Number(value.toPrecision(3))) : '–')
  return html`<div class="curves"><h3>${title}</h3>
<div class="plot" data-curves="${at}"><span class="end">${written(high)}</span>\
<svg viewBox="0 0 ${drawing.width} ${drawing.height}" preserveAspectRatio="none" role="img" aria-label="${title}">${paths}</svg>\
<i class="cursor"></i><span class="end">${written(low)}</span></div>
<ul class="legend">${lines.map(
    ({ name }, i) =>
      html`<li><i style="background:${lineColor(i)}"></i>${name} <b data-value="${at}/${i}"></b></li>`,
  )}</ul></div>
`
}

function pathOf(values: readonly number[], low: number, high: number): string {
  const { width, height } = drawing
  const span = high - low || 1
  const points = values.flatMap((value, i) => {
    if (!Number.isFinite(value)) return []
    const x = values.length > 1 ? (i / (values.length - 1)) * width : width / 2
    const y = high > low ? height * (1 - (value - low) / span) : height / 2
    return [`${x.toFixed(1)} ${y.toFixed(1)}`]
  })
  return points.length > 0 ? `M${points.join('L')}` : ''
}

const playerStyle = `
.cameras { display: flex; flex-wrap: wrap; gap: 1rem; }
.cameras figure { margin: 0; flex: 1 1 14rem; max-width: 30rem; }
.cameras img { display: block; width: 100%; border-radius: 6px; background: var(--rule); }
.cameras figcaption { margin-top: 0.3rem; font-size: 0.85rem; color: var(--muted); }
.command-now { margin: 1rem 0; font-size: 1.15rem; font-weight: 600; min-height: 1.5em; }
.controls { display: flex; flex-wrap: wrap; align-items: center; gap: 0.75rem 1rem; margin-bottom: 2rem; font-size: 0.9rem; }
.controls button, .controls select { font: inherit; color: inherit; background: none; border: 1px solid var(--rule); border-radius: 6px; padding: 0.35rem 0.9rem; cursor: pointer; }
.controls select { background: var(--paper); padding: 0.35rem 0.4rem; }
.controls button { min-width: 5.5rem; }
.controls .seek { flex: 1 1 12rem; accent-color: var(--a); }
.controls output { font-variant-numeric: tabular-nums; min-width: 9.5rem; }
.curves { margin-top: 1.75rem; }
.curves .plot { position: relative; border-left: 1px solid var(--rule); margin-top: 0.4rem; }
.curves svg { display: block; width: 100%; height: 8rem; background: color-mix(in srgb, var(--rule) 30%, transparent); }
.curves path { fill: none; stroke-width: 1.75; vector-effect: non-scaling-stroke; }
.curves .end { display: block; font-size: 0.75rem; line-height: 1.4; padding-left: 0.35rem; color: var(--muted); font-variant-numeric: tabular-nums; }
.curves .cursor { position: absolute; top: 1.05rem; height: 8rem; width: 2px; margin-left: -1px; background: var(--ink); left: 0; }
.legend { display: flex; flex-wrap: wrap; gap: 0.2rem 1.1rem; list-style: none; margin: 0.4rem 0 0; padding: 0; font-size: 0.85rem; }
.legend i { display: inline-block; width: 0.8em; height: 0.8em; margin-right: 0.4em; border-radius: 2px; }
.legend b { display: inline-block; min-width: 4.5em; font-weight: 600; font-variant-numeric: tabular-nums; }
`

const playerScript = `
const { times, commands, cameras, values } = JSON.parse(document.getElementById('episode').textContent)
const find = (selector) => document.querySelector(selector)
const [play, seek, time, speed] = ['.play', '.seek', '.time', '.speed'].map(find)
const images = document.querySelectorAll('[data-camera]')
const cursors = document.querySelectorAll('.cursor')
const shown = [...document.querySelectorAll('[data-value]')].map((element) => [element, ...element.dataset.value.split('/').map(Number)])
let frame = 0, playing = false, since = 0
const show = (next) => {
  frame = Math.max(0, Math.min(times.length - 1, next))
  images.forEach((image, i) => { if (cameras[i][frame]) image.src = cameras[i][frame] })
  const command = find('.command-now')
  if (command.textContent !== commands[frame]) command.textContent = commands[frame]
  seek.value = frame
  time.textContent = times[frame].toFixed(2) + ' s of ' + times[times.length - 1].toFixed(2) + ' s'
  const place = times.length > 1 ? (100 * frame) / (times.length - 1) : 50
  cursors.forEach((cursor) => { cursor.style.left = place + '%' })
  for (const [element, plot, line] of shown) element.textContent = values[plot][line][frame]
}
const tick = (now) => {
  if (!playing) return
  const reached = times[0] + ((now - since) / 1000) * speed.value
  let next = frame
  while (next < times.length - 1 && times[next + 1] <= reached) next++
  if (next !== frame) show(next)
  if (frame === times.length - 1) stop()
  else requestAnimationFrame(tick)
}
const stop = () => { playing = false; play.textContent = 'Play' }
const begin = () => {
  if (frame === times.length - 1) show(0)
  playing = true
  play.textContent = 'Pause'
  since = performance.now() - (1000 * (times[frame] - times[0])) / speed.value
  requestAnimationFrame(tick)
}
play.onclick = () => (playing ? stop() : begin())
seek.oninput = () => { stop(); show(Number(seek.value)) }
speed.onchange = () => { if (playing) { stop(); begin() } }
document.onkeydown = (event) => {
  if (/INPUT|SELECT|BUTTON/.test(event.target.tagName)) return
  if (event.key === ' ') { event.preventDefault(); play.click() }
  if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') { stop(); show(frame + (event.key === 'ArrowLeft' ? -1 : 1)) }
}
show(0)
`
