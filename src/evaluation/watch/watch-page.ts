/** The page of `--watch`. All its parts come from the server that sends it. */
export const watchPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Rollout</title>
<link rel="icon" href="data:,">
<style>
* { box-sizing: border-box }
body { margin: 0; color-scheme: dark; height: 100vh; display: flex; font: 14px/1.4 system-ui, sans-serif; color: #e8ebf0; background: #14171b }
main { flex: 1; position: relative; min-width: 0 }
#stage { position: absolute; inset: 0 }
#stage canvas { display: block }
#words { position: absolute; left: 20px; bottom: 18px; text-shadow: 0 1px 4px #000 }
#command { font-size: 22px; font-weight: 600 }
#view { position: absolute; left: 20px; top: 20px; width: 192px; height: 192px; outline: 1px solid #ffffff40 }
#view img { width: 100%; height: 100%; image-rendering: pixelated; display: block }
#box { position: absolute; border: 2px solid #50ff78; display: none }
#view small { position: absolute; left: 0; right: 0; top: 100%; padding: 4px 8px; color: #e8ebf0; background: #14171bcc }
aside { width: 320px; display: flex; flex-direction: column; border-left: 1px solid #2a2f37 }
aside header { padding: 16px; border-bottom: 1px solid #2a2f37 }
h1 { font-size: 16px; margin: 0 }
#count { color: #aab3c0; margin: 2px 0 8px }
#figures { border-collapse: collapse; width: 100%; margin: 0 0 10px; font-size: 12px; font-variant-numeric: tabular-nums }
#figures td { padding: 1px 8px 1px 0 } #figures td:nth-child(n + 3) { text-align: right; padding-right: 0; white-space: nowrap }
.bar { display: flex; flex-wrap: wrap; gap: 6px; margin-top: 6px }
select { font: inherit; font-size: 12px; color: inherit; background: #232830; border: 0; border-radius: 6px; padding: 6px 2px; min-width: 0; flex: 1 }
#pause { min-width: 76px } button:focus-visible, select:focus-visible { outline: 2px solid #7db4ff }
#none { padding: 16px; color: #aab3c0; display: none }
#episodes { overflow: auto; flex: 1 }
button { font: inherit; color: inherit; background: #232830; border: 0; border-radius: 6px; padding: 6px 12px; cursor: pointer }
#episodes button { display: block; width: 100%; text-align: left; background: none; border-radius: 0; padding: 8px 16px; border-left: 3px solid #4ade80 }
#episodes button.failure { border-color: #f87171 }
#episodes button:hover, #episodes button.now { background: #232830 }
#episodes small { display: block; color: #aab3c0 }
.success#verdict { color: #4ade80 }
.failure#verdict { color: #f87171 }
@media (max-width: 700px) { body { flex-direction: column } main { min-height: 60vh } aside { width: 100%; height: 40vh; border: 0 } #view { width: 112px; height: 112px } }
</style>
<script type="importmap">{ "imports": { "three": "/three.module.js" } }</script>
</head>
<body>
<main>
<div id="stage"></div>
<div id="view"><img id="seen" alt="" src="data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="><div id="box"></div><small>what the robot saw, the box it found</small></div>
<div id="words"><div id="command">waiting for the first episode …</div><div id="verdict"></div></div>
</main>
<aside>
<header><h1>Rollout</h1><div id="count"></div><table id="figures"></table>
<div class="bar"><button id="pause" aria-keyshortcuts="Space">Pause</button><select id="speed" aria-label="Speed">
<option value="0.25">¼ ×</option><option value="0.5">½ ×</option><option value="1" selected>1 ×</option>
<option value="2">2 ×</option><option value="4">4 ×</option></select><button id="all">Play all in turn</button></div>
<div class="bar"><select id="task" aria-label="Task"></select><select id="split" aria-label="Split"></select>
<select id="outcome" aria-label="Outcome"><option value="">all outcomes</option><option value="success">successes</option>
<option value="failure">failures</option></select></div></header>
<div id="none">No episode is like this.</div>
<div id="episodes"></div>
</aside>
<script type="module" src="/player.js"></script>
</body>
</html>
`
