/**
 * Script of the page in the browser: lists the episodes, and plays them one by one, or the chosen one, in three.js.
 * Plain JavaScript, so that it is the same from sources and from a build. The world's z is up.
 */
export const playerScript: string = `
import * as THREE from 'three'
import { OrbitControls } from '/OrbitControls.js'

const element = (id) => document.getElementById(id)
const stage = element('stage')
THREE.Object3D.DEFAULT_UP.set(0, 0, 1)
let renderer
try {
  renderer = new THREE.WebGLRenderer({ antialias: true })
} catch (error) {
  element('verdict').textContent = 'This browser has no WebGL: ' + error.message
  throw error
}
renderer.shadowMap.enabled = true
stage.append(renderer.domElement)
const camera = new THREE.PerspectiveCamera(40, 4 / 3, 0.02, 50)
const controls = new OrbitControls(camera, renderer.domElement)

let playing // { episode, scene, bodies, poses, frames, time: seconds played }
let paused = false
let before = performance.now()
let episodes = []
let chosen = new URLSearchParams(location.search).get('episode')
const rest = 1.5 // seconds for which the end is shown

const geometries = {
  box: ({ halfSizes: [x, y, z] }) => new THREE.BoxGeometry(2 * x, 2 * y, 2 * z),
  sphere: ({ radius }) => new THREE.SphereGeometry(radius, 32, 20),
  ellipsoid: ({ radii }) => new THREE.SphereGeometry(1, 32, 20).scale(...radii),
  capsule: ({ radius, halfLength }) => new THREE.CapsuleGeometry(radius, 2 * halfLength, 10, 24).rotateX(Math.PI / 2),
  cylinder: ({ radius, halfLength }) => new THREE.CylinderGeometry(radius, radius, 2 * halfLength, 32).rotateX(Math.PI / 2),
  plane: ({ halfSizes: [x, y] }) => new THREE.PlaneGeometry(2 * (x || 20), 2 * (y || 20)),
  mesh({ positions, indices }) {
    const geometry = new THREE.BufferGeometry()
    geometry.setAttribute('position', new THREE.Float32BufferAttribute(positions, 3))
    geometry.setIndex(indices)
    const flat = geometry.toNonIndexed()
    flat.computeVertexNormals()
    return flat
  },
}

function bodyOf(shape) {
  const color = new THREE.Color().setRGB(...shape.color, THREE.SRGBColorSpace)
  const { roughness, metalness } = shape
  const body = new THREE.Mesh(geometries[shape.kind](shape), new THREE.MeshStandardMaterial({ color, roughness, metalness }))
  body.castShadow = shape.kind !== 'plane'
  body.receiveShadow = true
  body.matrixAutoUpdate = false
  return body
}

function sceneOf({ shapes, light }) {
  const scene = new THREE.Scene()
  scene.background = new THREE.Color(0x1c2026)
  scene.add(new THREE.HemisphereLight(0xffffff, 0x8a8378, 1.5))
  const sun = new THREE.DirectionalLight(0xfff6ea, 2)
  sun.position.set(...light).multiplyScalar(-4)
  sun.castShadow = true
  sun.shadow.mapSize.set(2048, 2048)
  sun.shadow.bias = -0.0005
  sun.shadow.normalBias = 0.002
  Object.assign(sun.shadow.camera, { left: -3, right: 3, top: 3, bottom: -3, near: 0.1, far: 12 })
  scene.add(sun)
  const bodies = shapes.map(bodyOf)
  scene.add(...bodies)
  return { scene, bodies }
}

const unpack = (text) => new Float32Array(Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)).buffer)

async function play(number) {
  const episode = await (await fetch('/episodes/' + number)).json()
  playing?.bodies.forEach((body) => { body.geometry.dispose(); body.material.dispose() })
  const poses = unpack(episode.frames)
  const frames = poses.length / (episode.poseLength * episode.shapes.length)
  playing = { episode, ...sceneOf(episode), poses, frames, time: 0, ended: false }
  aim(episode.camera)
  element('command').textContent = '“' + episode.command + '”'
  element('verdict').textContent = episode.task + ', ' + episode.split
  element('verdict').className = ''
  element('seen').src = episode.seen
  frame(episode.box)
  list()
}

/** The onlooker's view; dragging turns it. */
function aim({ position, rotation: r, fov }) {
  camera.fov = fov
  camera.position.set(...position)
  const [x, y, z] = [-r[2], -r[5], -r[8]]
  controls.target.set(position[0] + 1.5 * x, position[1] + 1.5 * y, position[2] + 1.5 * z)
  controls.update()
}

/** The box that the robot found, over what it saw. */
function frame(box) {
  const style = element('box').style
  style.display = box ? 'block' : 'none'
  if (!box) return
  const percent = (part) => 100 * part + '%'
  Object.assign(style, { left: percent(box[0]), top: percent(box[1]), width: percent(box[2] - box[0]), height: percent(box[3] - box[1]) })
}

function pose(index) {
  const { bodies, poses, episode } = playing
  bodies.forEach((body, i) => {
    const at = episode.poseLength * (index * bodies.length + i)
    const [x, y, z, a, b, c, d, e, f, g, h, k] = poses.subarray(at, at + episode.poseLength)
    body.matrix.set(a, b, c, x, d, e, f, y, g, h, k, z, 0, 0, 0, 1)
  })
}

function resize() {
  const { clientWidth: width, clientHeight: height } = stage
  renderer.setPixelRatio(devicePixelRatio)
  renderer.setSize(width, height)
  camera.aspect = width / height
  camera.updateProjectionMatrix()
}

function draw(now) {
  const passed = Math.min(0.25, (now - before) / 1000) // a page in the background is not drawn
  before = now
  if (!playing) return
  if (!paused) playing.time += passed * Number(element('speed').value)
  const { episode, frames, time: seconds, scene } = playing
  pose(Math.max(0, Math.min(frames - 1, Math.floor(seconds * episode.framesPerSecond))))
  controls.update()
  camera.updateProjectionMatrix()
  renderer.render(scene, camera)
  if (!playing.ended && seconds * episode.framesPerSecond >= frames) end()
  if (!paused && seconds > frames / episode.framesPerSecond + rest * Number(element('speed').value)) next()
}

function end() {
  playing.ended = true
  element('verdict').textContent = playing.episode.verdict
  element('verdict').className = playing.episode.success ? 'success' : 'failure'
}

/** The one that was chosen again and again; else the next there is. */
function next() {
  const { number } = playing.episode
  const following = chosen === null ? shown().find((each) => each.number > number) : undefined
  if (following) play(following.number)
  else Object.assign(playing, { time: 0 })
}

/** The episodes that pass the filters. */
function shown() {
  const [task, split, outcome] = ['task', 'split', 'outcome'].map((id) => element(id).value)
  return episodes.filter((each) =>
    (!task || each.task === task) && (!split || each.split === split) && (!outcome || each.success === (outcome === 'success')))
}

/** Offer the tasks and splits that there are, and keep the choice. */
function offer(id) {
  const known = [...new Set(episodes.map((each) => each[id]))]
  const { options, value } = element(id)
  if (options.length === known.length + 1) return
  element(id).replaceChildren(...['', ...known].map((name) => new Option(name || 'all ' + id + 's', name, false, name === value)))
}

function tell({ episodes: count, total, rows }) {
  const played = count > 0 && episodes.length > 0 && episodes[0].number > 0 ? ', the newest ' + episodes.length + ' trials can be played' : ''
  element('count').textContent = count + (total === undefined ? '' : ' of ' + total) + ' episodes' + played
  element('figures').replaceChildren(...rows.map((cells) => {
    const row = document.createElement('tr')
    for (const [i, text] of cells.entries()) row.insertCell().textContent = i < 2 ? text : text + (i === 2 ? ' tried' : ' %')
    return row
  }))
}

function list() {
  offer('task')
  offer('split')
  element('none').style.display = episodes.length > 0 && shown().length === 0 ? 'block' : 'none'
  element('episodes').replaceChildren(...shown().map(({ number, command, verdict, success }) => {
    const line = document.createElement('button')
    line.className = (success ? 'success' : 'failure') + (playing?.episode.number === number ? ' now' : '')
    const [words, how] = [document.createElement('span'), document.createElement('small')]
    words.textContent = command
    how.textContent = verdict
    line.append(words, how)
    line.onclick = () => { chosen = String(number); play(number) }
    return line
  }))
}

async function look() {
  try {
    const newest = episodes.length && episodes[episodes.length - 1].number
    episodes = await (await fetch('/episodes')).json()
    const last = episodes.length && episodes[episodes.length - 1].number
    if (last !== newest || episodes.length === 1) list()
    tell(await (await fetch('/figures')).json())
    if (!playing && episodes.length > 0) await play(chosen === null ? episodes[0].number : Number(chosen))
  } catch {
    element('count').textContent = 'the rollout has ended; what is here can be played no more'
  }
  setTimeout(look, 1000)
}

function pause() {
  paused = !paused
  element('pause').textContent = paused ? 'Play' : 'Pause'
}

function filter() {
  list()
  const [first] = shown()
  if (first && !shown().some(({ number }) => number === playing?.episode.number)) { chosen = null; play(first.number) }
}

element('all').onclick = () => { chosen = null; if (playing) next() }
element('pause').onclick = pause
for (const id of ['task', 'split', 'outcome']) element(id).onchange = filter
addEventListener('keydown', (event) => {
  if (event.key !== ' ' || event.target.closest('button, select')) return
  event.preventDefault()
  pause()
})
addEventListener('resize', resize)
resize()
renderer.setAnimationLoop(draw)
look()
`
