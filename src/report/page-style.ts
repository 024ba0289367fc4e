/** The look of every page: one column, generous space, thin rules; light or dark by the reader's system. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1d1f23; --muted: #646a73; --rule: #e2e0da;
  --right: #0f8a62; --wrong: #cc4238; --tile: #b3b9c2;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #131519; --ink: #e9e7e2; --muted: #9aa1ab; --rule: #2e323a;
    --right: #3cba8b; --wrong: #ef6f66; --tile: #8b929c;
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
  display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: 1.5rem;
  margin: clamp(2rem, 5vw, 3rem) 0 0;
}
.figures div { border-top: 2px solid var(--ink); padding-top: 0.6rem; }
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
.plots figure { margin: 0; }
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
.framed .attention { overflow: hidden; }
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

@media (max-width: 36rem) {
  .query { grid-template-columns: 1fr; }
  .asked { display: flex; gap: 0.75rem; align-items: center; }
  .asked img { width: 3.5rem; margin: 0; }
  .retrieved { grid-template-columns: repeat(auto-fill, minmax(5.25rem, 1fr)); gap: 0.5rem; }
  .figures { grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: 1.25rem 1rem; }
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
}
`
