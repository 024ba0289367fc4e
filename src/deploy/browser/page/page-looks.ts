/** Looks of the parts that only the demonstration has, beside the style of every page. */
export const pageLooks = `
h1 { text-wrap: balance; }
body { max-width: 64rem; min-height: 100vh; }
body.dropping { outline: 3px dashed var(--mean); outline-offset: -0.75rem; }
button, input, textarea { font: inherit; color: inherit; }
button { cursor: pointer; }

.bar { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.25rem 1.5rem; margin-top: 1.5rem; font-size: 0.9rem; }
.device { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; margin: 0; padding: 0; border: 0; }
.device legend { float: left; padding: 0; color: var(--muted); }
.device label { white-space: nowrap; }
.status { color: var(--muted); }
.status:empty { display: none; }

.messages { list-style: none; margin: 0; padding: 0; }
.messages li {
  display: flex; justify-content: space-between; gap: 1rem; margin-top: 1rem;
  border-left: 3px solid var(--mean); padding: 0.1rem 0 0.1rem 0.9rem; font-size: 0.95rem;
}
.messages .wrong { border-color: var(--wrong); }
.messages button { align-self: start; border: 0; padding: 0 0.4rem; background: none; color: var(--muted); font-size: 1.2rem; line-height: 1.2; }

main { margin-top: 2rem; }
[type=search] {
  width: 100%; padding: 0.65rem 0.8rem; border: 1px solid var(--muted); border-radius: 6px;
  background: transparent; font-size: 1.1rem;
}
[type=search]::placeholder { color: var(--muted); opacity: 1; }
.ask { display: grid; grid-template-columns: 1fr auto; gap: 0.75rem 1.5rem; align-items: center; }
.choose { font-size: 0.9rem; color: var(--muted); }
.choose input { position: absolute; width: 1px; height: 1px; opacity: 0; }
.choose .button, .suggestions button {
  display: inline-block; border: 1px solid var(--rule); border-radius: 6px; padding: 0.35rem 0.75rem;
  background: none; color: var(--ink); font-size: 0.9rem; cursor: pointer;
}
.choose .button:hover, .suggestions button:hover { border-color: var(--muted); }
.choose input:focus-visible + .button { outline: 2px solid currentColor; outline-offset: 2px; }
.told { min-height: 1.5em; margin: 0.75rem 0; font-size: 0.9rem; color: var(--muted); }

.found button { display: block; width: 100%; border: 0; padding: 0; background: none; text-align: left; }
.found .place { min-height: 1.35em; }

.act { display: grid; grid-template-columns: minmax(0, 26rem) minmax(0, 1fr); gap: 1.5rem 2.5rem; align-items: start; }
.act .framed { width: 100%; aspect-ratio: 1; cursor: crosshair; background: color-mix(in srgb, var(--tile) 20%, transparent); }
.act .framed:empty { display: grid; place-content: center; cursor: default; }
.act .framed:empty::before { content: 'A picture to give commands for'; padding: 1rem; color: var(--muted); line-height: 1.5; }
.act .framed canvas { display: block; width: 100%; height: 100%; }
.act .framed .hidden { display: none; }
.act .choose, .toggle { display: block; margin-top: 0.75rem; }
.toggle { font-size: 0.9rem; }
[hidden] { display: none; }
.thumbnails { display: flex; gap: 0.4rem; overflow-x: auto; list-style: none; margin: 0.75rem 0 0; padding: 0; }
.thumbnails:empty { display: none; }
.thumbnails button { border: 1px solid var(--rule); padding: 0; background: none; line-height: 0; }
.thumbnails img { display: block; width: 3rem; height: 3rem; object-fit: cover; }
.cameras { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 9rem), 1fr)); gap: 0.75rem; max-width: 26rem; }
.camera { margin: 0; }
.chunks .camera .framed { cursor: default; }
.chunks .camera .framed:empty::before { content: 'No picture yet'; }
.camera .button { width: 100%; text-align: center; }
.state { margin: 1.25rem 0 0; padding: 0; border: 0; }
.state legend { padding: 0 0 0.25rem; font-size: 0.85rem; font-weight: 600; color: var(--muted); }
.state label { display: grid; grid-template-columns: 8rem minmax(0, 1fr) 3.5rem; gap: 0.75rem; align-items: center; font-size: 0.9rem; }
.state label span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.state input { width: 100%; accent-color: var(--a); }
.state output { text-align: right; font-variant-numeric: tabular-nums; }
.curves { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 13rem), 1fr)); gap: 1.25rem 1.5rem; }
.curve { display: grid; grid-template-columns: 2.6rem minmax(0, 1fr); gap: 0.15rem 0.4rem; margin: 0; font-size: 0.8rem; font-variant-numeric: tabular-nums; }
.curve figcaption { grid-column: 1 / -1; font-size: 0.9rem; font-weight: 600; }
.axis, .steps { color: var(--muted); }
.axis { display: flex; flex-direction: column; justify-content: space-between; text-align: right; line-height: 1; }
.curve svg { width: 100%; height: 5rem; border-left: 1px solid var(--rule); border-bottom: 1px solid var(--rule); overflow: visible; }
.curve path { fill: none; vector-effect: non-scaling-stroke; stroke-linejoin: round; stroke-linecap: round; }
.curve .values { stroke: var(--mean); stroke-width: 2px; }
.curve .now { stroke: var(--muted); stroke-width: 1px; stroke-dasharray: 3 3; }
.chunks .answers .note { margin: 1rem 0 0; }
.steps { grid-column: 2; display: flex; justify-content: space-between; }
.suggestions { display: flex; flex-wrap: wrap; gap: 0.4rem; margin-top: 0.75rem; }
.answer { margin: 0; }
.answer dt { padding-top: 0.5rem; border-top: 1px solid var(--rule); font-size: 0.85rem; font-weight: 600; color: var(--muted); }
.answer dd { display: flex; flex-wrap: wrap; gap: 0 1.1rem; margin: 0 0 0.6rem; font-variant-numeric: tabular-nums; }
.answer dd span { white-space: nowrap; }
.answer i { color: var(--muted); font-style: normal; }
textarea { width: 100%; margin-top: 0.5rem; border: 1px solid var(--rule); border-radius: 6px; padding: 0.5rem; background: transparent; font-size: 0.9rem; }

@media (max-width: 48rem) {
  .device legend { float: none; width: 100%; }
  .ask, .act { grid-template-columns: minmax(0, 1fr); }
}
@media (pointer: coarse) {
  .choose .hint { display: none; }
}
`
