/** The look of every page: one column, generous space, thin rules; light or dark by the reader's system. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1d1f23; --muted: #646a73; --rule: #e2e0da;
  --right: #0f8a62; --wrong: #cc4238; --tile: #b3b9c2; --mean: #4c8df6;
  --a: #1f63c8; --b: #b04f00;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #131519; --ink: #e9e7e2; --muted: #9aa1ab; --rule: #2e323a;
    --right: #3cba8b; --wrong: #ef6f66; --tile: #8b929c;
    --a: #74a8ff; --b: #f29a4a;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 72rem; padding: clamp(1.25rem, 4vw, 4rem) clamp(1rem, 4vw, 3rem) 5rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif;
  overflow-wrap: anywhere;
}
h1 { margin: 0; font-size: clamp(1.75rem, 1.2rem + 2.4vw, 2.75rem); line-height: 1.15; letter-spacing: -0.02em; }
h2 { margin: 0 0 0.25rem; font-size: 1.35rem; line-height: 1.3; letter-spacing: -0.01em; }
p { margin: 0; max-width: 42rem; text-wrap: pretty; }
.subtitle { margin-top: 0.5rem; font-size: 1.1rem; color: var(--muted); }
.note { margin-bottom: 1.25rem; font-size: 0.9rem; color: var(--muted); }
section { margin-top: clamp(2.5rem, 6vw, 4rem); }
h2 + .table, h2 + .plots, h2 + .queries { margin-top: 1rem; }

.figures {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: 0 1.5rem;
  margin: clamp(2rem, 5vw, 3rem) 0 -1.5rem;
}
.figures div { display: grid; grid-row: span 4; grid-template-rows: subgrid; margin-bottom: 1.5rem; border-top: 2px solid var(--ink); padding-top: 0.6rem; }
.figures dt { font-size: 0.95rem; font-weight: 600; }
.figures dd { margin: 0; }
.figures .value { font-size: 2rem; line-height: 1.25; letter-spacing: -0.02em; font-variant-numeric: tabular-nums; }
.figures .more { font-size: 0.85rem; color: var(--muted); }

.table { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.95rem; font-variant-numeric: tabular-nums; min-width: min(100%, 34rem); }
th, td { padding: 0.45rem 1.25rem 0.45rem 0; text-align: left; vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
th { font-size: 0.85rem; font-weight: 600; color: var(--muted); white-space: nowrap; border-bottom: 1px solid var(--ink); }
td { border-bottom: 1px solid var(--rule); }
.number { text-align: right; white-space: nowrap; }
th.text, td.text { overflow-wrap: normal; }
td:has(code) { overflow-wrap: anywhere; }

.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: 2.5rem 3rem; }
.plots figure { margin: 0; max-width: 38rem; }
.plots svg { display: block; width: 100%; height: auto; color: var(--ink); }
.plots text { font-family: inherit; }

.query {
  display: grid; grid-template-columns: 10rem 1fr; gap: 0.75rem 1.5rem;
  padding: 1rem 0; border-top: 1px solid var(--rule);
}
.asked { font-weight: 600; }
.asked img { display: block; width: 5rem; margin-bottom: 0.4rem; }
.asked p { line-height: 1.3; }
.retrieved {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(6rem, 1fr)); gap: 0.75rem;
  align-content: start; list-style: none; margin: 0; padding: 0;
}
.retrieved:not(:has(img)) { grid-template-columns: repeat(auto-fill, minmax(7.5rem, 1fr)); }
.retrieved li { border: 2px solid var(--frame); border-radius: 6px; padding: 0.35rem 0.45rem 0.45rem; font-size: 0.8rem; line-height: 1.3; }
.retrieved .right { --frame: var(--right); }
.retrieved .wrong { --frame: var(--wrong); border-color: color-mix(in srgb, var(--wrong) 45%, transparent); }
.retrieved img { display: block; width: 100%; max-width: 5rem; margin: 0.25rem auto; aspect-ratio: 1; object-fit: contain; }
.place { display: flex; justify-content: space-between; font-variant-numeric: tabular-nums; color: var(--muted); }
.place b { color: var(--frame); }
.caption {
  display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden;
}

.found {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(8.5rem, 1fr)); gap: 1.5rem 1rem;
  list-style: none; margin: 0; padding: 0;
}
.found li { min-width: 0; font-size: 0.85rem; line-height: 1.35; }
.found img { display: block; width: 100%; aspect-ratio: 1; object-fit: contain; margin-bottom: 0.4rem; }
.found .place b { color: var(--ink); }
.found .file span { display: block; overflow: hidden; color: var(--muted); text-overflow: ellipsis; white-space: nowrap; }
.tile { background: var(--tile); border-radius: 6px; padding: 6%; }
code { font-family: ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace; font-size: 0.9em; }

h3 { margin: 0; font-size: 1rem; line-height: 1.4; }
.sample { padding: 1.25rem 0; border-top: 1px solid var(--rule); }
.sample > .note { margin-bottom: 0.75rem; }
.sample h4 { margin: 1rem 0 0.4rem; font-size: 0.85rem; font-weight: 600; color: var(--muted); }
.shots { display: grid; grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr)); gap: 1rem 0.9rem; list-style: none; margin: 0; padding: 0; }
.shot { font-size: 0.8rem; line-height: 1.35; }
.shot b { display: block; font-size: 0.75rem; }
.shot i { color: var(--muted); }
.shot span { display: block; color: var(--muted); }
.shot span.mark { display: inline-block; margin-right: 0.7em; color: var(--mark); }
.shots.pairs { grid-template-columns: repeat(auto-fill, minmax(min(100%, 17.5rem), 1fr)); }
.frames { display: flex; gap: 0.4rem; margin-bottom: 0.35rem; }
.framed { position: relative; width: fit-content; line-height: 0; border: 1px solid var(--rule); }
.framed img { width: 8rem; max-width: 100%; }
.framed img.pixels { image-rendering: pixelated; }
.framed svg { position: absolute; inset: 0; width: 100%; height: 100%; overflow: visible; }
.framed path { fill: none; vector-effect: non-scaling-stroke; stroke-linejoin: round; stroke-linecap: round; }
.framed .attention { overflow: hidden; shape-rendering: crispEdges; }
.framed .attention path { fill: #000; }
.framed .halo { stroke: #000a; stroke-width: 4px; }
.framed .line { stroke: var(--mark); stroke-width: 2px; }
.framed .halo.point { stroke-width: 11px; }
.framed .line.point { stroke-width: 8px; }
.mark0 { --mark: #ffb000; } .mark1 { --mark: #35c2f0; } .mark2 { --mark: #ff6bb5; } .mark3 { --mark: #7fe05a; }
@media (prefers-color-scheme: light) {
  .shot span.mark0 { --mark: #8a5b00; } .shot span.mark1 { --mark: #07678a; }
  .shot span.mark2 { --mark: #b0216d; } .shot span.mark3 { --mark: #2f7012; }
}
.views { display: flex; flex-wrap: wrap; gap: 3px; margin-top: 0.35rem; }
.views img { width: 2.4rem; image-rendering: pixelated; }

section section { margin-top: 2.5rem; }
section section section { margin-top: 1.75rem; }
section section > h3 { font-size: 1.15rem; padding-top: 0.75rem; border-top: 1px solid var(--rule); }
h4, h5, h6 { margin: 0; font-size: 0.95rem; line-height: 1.4; }
h5, h6 { font-size: 0.85rem; color: var(--muted); }
section :is(h3, h4) + :is(.table, .plots, .queries, .figures), .table + .table, details .table { margin-top: 0.75rem; }
section .figures { grid-template-columns: repeat(auto-fill, minmax(10rem, 1fr)); margin: 1rem 0 0; }
small { font-size: 0.85em; color: var(--muted); }
ul, ol { padding-left: 1.2em; }
a { color: inherit; text-decoration-color: var(--muted); text-underline-offset: 0.2em; }
:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
summary { cursor: pointer; margin-top: 0.75rem; font-size: 0.9rem; color: var(--muted); }

.contents { margin-top: clamp(2rem, 5vw, 3rem); padding-top: 1rem; border-top: 1px solid var(--rule); font-size: 0.95rem; }
.contents ol { list-style: none; margin: 0; padding: 0; }
.contents > ol { columns: 16rem; column-gap: 3rem; }
.contents > ol > li { break-inside: avoid; padding-bottom: 0.35rem; }
.contents ol ol { display: flex; flex-wrap: wrap; gap: 0 1rem; font-size: 0.9em; color: var(--muted); }
.contents a { text-decoration: none; }
.contents a:hover { text-decoration: underline; }

.interval { display: block; position: relative; height: 0.9rem; min-width: 6rem; background: linear-gradient(var(--rule), var(--rule)) center / 100% 2px no-repeat; }
.interval i { position: absolute; }
.interval .range { top: 25%; bottom: 25%; min-width: 2px; border-radius: 2px; background: var(--tone, var(--mean)); opacity: 0.75; }
.interval .tick { top: 0; bottom: 0; width: 2px; margin-left: -1px; background: var(--ink); }
.interval .reference { top: -4px; bottom: -4px; width: 1px; background: var(--muted); }
.figures .more { grid-row: 4; }
.figures .interval { margin: 0.3rem 0 0.2rem; }
.measure + .measure { margin-top: 2rem; }
.measured { width: 100%; }
@media (min-width: 48rem) {
  .measured { table-layout: fixed; }
  .measured th:nth-child(1) { width: 28%; } .measured th:nth-child(2) { width: 11%; }
  .measured th:nth-child(4) { width: 19%; } .measured th:nth-child(5) { width: 10%; }
}
.measured td, .measured tbody th { vertical-align: middle; }
.measured tbody th { font-size: inherit; font-weight: normal; color: inherit; white-space: normal; border-bottom: 1px solid var(--rule); }
.measured small { white-space: nowrap; }
.compared { margin-top: 1.5rem; }
.compared .interval { margin-top: 0.3em; }
@media (min-width: 64rem) {
  .compared table { table-layout: fixed; width: 100%; }
  .compared th:nth-child(1) { width: 17%; } .compared th:nth-child(4) { width: 11%; } .compared th:nth-child(5) { width: 14%; }
  .compared th:nth-child(6) { width: 18%; } .compared th:nth-child(7) { width: 7%; } .compared th:nth-child(8) { width: 6%; }
  .compared th:nth-child(9) { width: 13%; }
}

.judged { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 20rem), 1fr)); gap: 1.5rem 2.5rem; margin-top: 1rem; }
.judged > div { border-left: 3px solid var(--rule); padding-left: 0.9rem; }
.judged > .right { border-color: var(--right); }
.judged > .wrong { border-color: var(--wrong); }
.judged > .a { border-color: var(--a); }
.judged > .b { border-color: var(--b); }
.judged ul { margin: 0.35rem 0 0; padding: 0; list-style: none; font-size: 0.92rem; }
.judged li { padding: 0.1rem 0; }
.says.a { color: var(--a); font-weight: 600; }
.says.b { color: var(--b); font-weight: 600; }
.says.none, .says.unpaired, .says.unknown { color: var(--muted); }
.run { display: inline-flex; align-items: baseline; gap: 0.5em; }
.only { display: block; line-height: 1.3; }
.swatch { flex: none; width: 0.7em; height: 0.7em; border-radius: 2px; }
.command { margin: 0.35rem 0 1rem; padding: 0.6rem 0.8rem; border: 1px solid var(--rule); border-radius: 6px; white-space: pre-wrap; }
.hash { overflow-wrap: anywhere; }

@media (max-width: 36rem) {
  .query { grid-template-columns: 1fr; }
  .asked { display: flex; gap: 0.75rem; align-items: center; }
  .asked img { width: 3.5rem; margin: 0; }
  .retrieved { grid-template-columns: repeat(auto-fill, minmax(5.25rem, 1fr)); gap: 0.5rem; }
  .figures { grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: 0 1rem; }
  .figures .value { font-size: 1.6rem; }
  th, td { padding-right: 0.9rem; }
  table { font-size: 0.875rem; }
  .wide thead { display: none; }
  .wide table, .wide tbody, .wide tr { display: block; }
  .wide tr { padding: 0.6rem 0; border-bottom: 1px solid var(--rule); }
  .wide td { display: flex; justify-content: space-between; gap: 1.5rem; padding: 0.1rem 0; border: 0; text-align: right; }
  .wide td::before { content: attr(data-title); flex: none; color: var(--muted); }
  .wide td:first-child { font-weight: 600; }
  .found { grid-template-columns: repeat(auto-fill, minmax(6.5rem, 1fr)); gap: 1.25rem 0.75rem; }
  .wide .interval { flex: 1; }
  .compared td:first-child::before { content: none; }
  .compared td:last-child { flex-wrap: wrap; row-gap: 0; }
  .only { width: 100%; }
  .measured thead { display: none; }
  .measured, .measured tbody { display: block; }
  .measured tr { display: grid; grid-template-columns: 1fr auto; gap: 0 1rem; padding: 0.5rem 0; border-bottom: 1px solid var(--rule); }
  .measured td, .measured tbody th { padding: 0; border: 0; }
  .measured .bar { grid-column: 1 / -1; padding: 0.2rem 0; }
  .measured td:nth-child(n + 4) { font-size: 0.8rem; color: var(--muted); }
  .measured [data-title]::after { content: ' ' attr(data-title); }
}
`
