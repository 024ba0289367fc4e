import { cpSync, mkdirSync, mkdtempSync, renameSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import sharp from 'sharp'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Scene } from '../scene/scene.ts'
import { disk, withFiles } from '../simulation/mounted-files.ts'
import { loadMujoco } from '../simulation/mujoco.ts'
import { renderState } from '../simulation/render-state.ts'
import { modelOfScene } from '../simulation/robot-model.ts'
import { Simulation } from '../simulation/simulation.ts'
import { readRobot } from './read-robot.ts'
import { ownRobot, robotDigest } from './robot-description.ts'
import { robotMjcf } from './robot-mjcf.ts'

const mujoco = await loadMujoco()
const root = mkdtempSync(join(tmpdir(), 'robots-'))
const write = (name: string, content: string | Uint8Array): string => {
  mkdirSync(dirname(join(root, name)), { recursive: true })
  writeFileSync(join(root, name), content)
  return join(root, name)
}
/** A tetrahedron. */
const wedge = (size: number) =>
  `v 0 0 0\nv ${size} 0 0\nv 0 ${size} 0\nv 0 0 ${size}\nf 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n`
const empty: Scene = { setting: 'table', things: [] }
const mesh = (name: string, more = '') =>
  `<mujoco><asset><mesh name="${name}" ${more}/></asset><worldbody><geom type="mesh" mesh="${name}"/></worldbody></mujoco>`

/** MJCFs that MuJoCo loads from the disk, by what they need. */
const loadable: Readonly<Record<string, () => string>> = {
  'nested includes, folders of assets, a texture and an absolute path': () => {
    const away = write('elsewhere/d.obj', wedge(0.4))
    write('nested/assets/a.obj', wedge(0.1))
    write('nested/assets/more/b.stl', stl(0.2))
    write('nested/parts/deep/two.xml', mesh('two', 'file="more/b.stl"'))
    write('nested/parts/one.xml', `<mujoco><include file="deep/two.xml"/></mujoco>`)
    return write(
      'nested/robot.xml',
      `<mujoco><compiler meshdir="assets" texturedir="images"/><include file="parts/one.xml"/>
       <!-- <include file="gone.xml"/> -->
       <asset><mesh name="a" file="a.obj"/><mesh name="d" file="${away}"/>
         <texture name="wood" type="2d" file="wood.png"/><material name="wood" texture="wood"/></asset>
       <worldbody><geom type="mesh" mesh="a" material="wood"/><geom type="mesh" mesh="d"/></worldbody></mujoco>`,
    )
  },
  'an asset folder of its own in an included file': () => {
    write('own-folder/arm/meshes/a.obj', wedge(0.3))
    write(
      'own-folder/arm/arm.xml',
      `<mujoco><compiler assetdir="arm/meshes"/>${mesh('a', 'file="a.obj"').slice(8)}`,
    )
    return write('own-folder/robot.xml', '<mujoco><include file="arm/arm.xml"/></mujoco>')
  },
  'names with entities and without path': () => {
    write('entities/a&b/c.obj', wedge(0.2))
    return write('entities/robot.xml', mesh('c', 'file="a&amp;b&#47;c.obj"'))
  },
  'names without path from names with one': () => {
    write('stripped/c.obj', wedge(0.2))
    const text = mesh('c', 'file="/made/on/another/machine/c.obj"')
    return write('stripped/robot.xml', text.replace('<asset>', '<compiler strippath="true"/><asset>'))
  },
  'a height field from a file': () => {
    write('hills/hill.png', hill)
    return write(
      'hills/robot.xml',
      `<mujoco><asset><hfield name="h" size="1 1 .2 .1" file="hill.png"/></asset>
       <worldbody><geom type="hfield" hfield="h"/></worldbody></mujoco>`,
    )
  },
}

let hill: Uint8Array
beforeAll(async () => {
  hill = await sharp({ create: { width: 5, height: 4, channels: 3, background: 'gray' } })
    .png()
    .toBuffer()
  write('nested/images/wood.png', hill)
})

describe('an MJCF that MuJoCo loads from the disk', () => {
  test.each(Object.entries(loadable))(
    'with %s is read, and is the same without the disk',
    async (_, build) => {
      const path = build()
      const expected = withFiles(mujoco, disk(dirname(path)), '/', () => {
        const model = mujoco.MjModel.from_xml_path(path)
        const counts = [model.ngeom, model.nmesh, model.nmeshvert, model.ntex, model.nhfielddata]
        model.delete()
        return counts
      })
      const robot = await readRobot(path)
      cpSync(dirname(path), `${dirname(path)}-kept`, { recursive: true })
      renameSync(dirname(path), `${dirname(path)}-gone`)
      const model = modelOfScene(mujoco, empty, robot)
      expect([model.ngeom, model.nmesh, model.nmeshvert, model.ntex, model.nhfielddata]).toEqual(expected)
      model.delete()
      expect(mujoco.FS.analyzePath(path, false).exists).toBe(false)
      // Nothing but its content decides over its digest.
      expect(robotDigest(await readRobot(join(`${dirname(path)}-kept`, basename(path))))).toBe(
        robotDigest(robot),
      )
    },
  )
})

describe('the digest of a robot', () => {
  const read = async (first: number, second: number) => {
    write('digest/a.obj', wedge(first))
    write('digest/b.obj', wedge(second))
    const text = mesh('a', 'file="a.obj"').replace('</asset>', '<mesh name="b" file="b.obj"/></asset>')
    const both = text.replace('</worldbody>', '<geom type="mesh" mesh="b"/></worldbody>')
    return readRobot(write('digest/robot.xml', both))
  }

  test('follows the content of every file, at one path and in one process', async () => {
    const robots = [await read(0.1, 0.2), await read(0.2, 0.1), await read(0.1, 0.3)]
    expect(new Set(robots.map(robotDigest)).size).toBe(3)
    expect(robotDigest(await read(0.1, 0.2))).toBe(robotDigest(robots[0]!))
    const sizes = robots.map((robot) => {
      const model = modelOfScene(mujoco, empty, robot)
      const size = Math.max(...model.mesh_vert)
      model.delete()
      return Math.round(100 * size)
    })
    expect(sizes[2]).toBeGreaterThan(sizes[0]!)
  })

  test('is that of the MJCF alone where there is nothing else', () => {
    expect(robotDigest(ownRobot)).toMatch(/^[0-9a-f]{64}$/)
    expect(robotDigest({ ...ownRobot, name: 'another', folder: '/elsewhere' })).toBe(robotDigest(ownRobot))
    expect(robotDigest({ ...ownRobot, mjcf: `${robotMjcf} ` })).not.toBe(robotDigest(ownRobot))
  })
})

describe('a robot of meshes', () => {
  test('has those that are looked at only in its images, and not in the models of its scenes', async () => {
    write('meshes/visual.obj', wedge(0.2))
    write('meshes/solid.obj', wedge(0.1))
    const text = robotMjcf
      .replace(
        '<worldbody>',
        '<asset><mesh name="visual" file="visual.obj"/><mesh name="solid" file="solid.obj"/></asset><worldbody>',
      )
      .replace(
        '<geom type="sphere" size=".034"',
        `<geom type="mesh" mesh="visual" contype="0" conaffinity="0" rgba="1 0 0 1"/>
         <geom type="mesh" mesh="visual" contype="0" conaffinity="0" group="3"/>
         <geom type="mesh" mesh="solid"/><geom type="sphere" size=".034"`,
      )
    const robot = await readRobot(write('meshes/robot.xml', text))
    const simulation = new Simulation(mujoco, empty, robot)
    const plain = new Simulation(mujoco, empty)
    try {
      expect(simulation.model.nmesh).toBe(1)
      const masses = (each: Simulation) => Array.from(each.model.body_mass as Float64Array)
      const solid = masses(simulation).map((mass, body) => mass - masses(plain)[body]!)
      expect(solid.filter((more) => Math.abs(more) > 1e-9)).toHaveLength(1) // the solid one's
      const [own, others] = [simulation, plain].map(
        (each) => renderState(each, { width: 8, height: 8 }).objects,
      )
      expect(own).toHaveLength(others!.length + 2)
      const red = own!.find(({ material }) => material.color[1] === 0)!
      const wrist = mujoco.mj_name2id(simulation.model, mujoco.mjtObj.mjOBJ_BODY.value, 'wrist')
      const place = simulation.data.xpos.subarray(3 * wrist, 3 * wrist + 3) as Float64Array
      // The middle of a tetrahedron is a quarter of its sides away from its corner.
      const away = Math.hypot(...red.position.map((coordinate, i) => coordinate - place[i]!))
      expect(away).toBeCloseTo((0.2 / 4) * Math.sqrt(3), 6)
    } finally {
      simulation.dispose()
      plain.dispose()
    }
  })
})

describe('a robot whose meshes collide', () => {
  test('has their hulls in the models of its scenes: as heavy, as large, and drawn with all triangles', async () => {
    const file = roundedObj(0.05)
    write('hulls/round.obj', file)
    const mjcf = (geom: string) =>
      robotMjcf
        .replace(
          '<worldbody>',
          '<asset><mesh name="round" file="round.obj" scale="1 1 2"/></asset><worldbody>',
        )
        .replace('<geom type="sphere" size=".03"/>', geom)
    const geom = '<geom name="knob" type="mesh" mesh="round" pos=".01 0 0" euler="0 .3 0"/>'
    const robot = await readRobot(write('hulls/robot.xml', mjcf(geom)))
    const simulation = new Simulation(mujoco, empty, robot)
    // The same without hulls: masses must come from geoms.
    const text = mjcf(geom).replace('<compiler ', '<compiler inertiafromgeom="true" ')
    const whole = new Simulation(mujoco, empty, await readRobot(write('hulls/whole.xml', text)))
    try {
      const { model } = simulation
      expect(whole.model.nmeshvert).toBe(triangles / 2 + 2)
      expect(model.nmeshvert).toBeLessThan(whole.model.nmeshvert / 4)
      for (const [body, mass] of (model.body_mass as Float64Array).entries())
        expect(mass).toBeCloseTo(whole.model.body_mass[body]!, 9)
      const shapes = renderState(simulation, { width: 8, height: 8 }).objects.map(({ shape }) => shape)
      const meshes = shapes.flatMap((shape) => (shape.kind === 'mesh' ? [shape.indices.length / 3] : []))
      expect(meshes).toEqual([triangles])
      const [own, other] = [simulation, whole].map((each) => depthInTable(each, 'knob'))
      expect(own).toBeGreaterThan(0.01)
      expect(Math.abs(own! - other!)).toBeLessThan(3.5e-4)
    } finally {
      simulation.dispose()
      whole.dispose()
    }
  })
})

/** Number of triangles of the rounded part. */
const triangles = 2 * 60 * 59

/** A ball with dents, of 60 rings of 60 vertices with two poles, as OBJ. */
function roundedObj(radius: number): string {
  const rings = 59
  const along = 60
  const lines = [`v 0 0 ${radius}`]
  for (let ring = 1; ring <= rings; ring++) {
    for (let i = 0; i < along; i++) {
      const [down, around] = [(Math.PI * ring) / (rings + 1), (2 * Math.PI * i) / along]
      const r = radius * (i % 10 === 3 ? 0.9 : 1)
      const place = [Math.sin(down) * Math.cos(around), Math.sin(down) * Math.sin(around), Math.cos(down)]
      lines.push(`v ${place.map((part) => r * part).join(' ')}`)
    }
  }
  lines.push(`v 0 0 ${-radius}`)
  const at = (ring: number, i: number) => 2 + (ring - 1) * along + (i % along)
  for (let i = 0; i < along; i++) lines.push(`f 1 ${at(1, i)} ${at(1, i + 1)}`)
  for (let ring = 1; ring < rings; ring++) {
    for (let i = 0; i < along; i++) {
      lines.push(`f ${at(ring, i)} ${at(ring + 1, i)} ${at(ring + 1, i + 1)}`)
      lines.push(`f ${at(ring, i)} ${at(ring + 1, i + 1)} ${at(ring, i + 1)}`)
    }
  }
  for (let i = 0; i < along; i++) lines.push(`f ${at(rings, i)} ${2 + rings * along} ${at(rings, i + 1)}`)
  return `${lines.join('\n')}\n`
}

/** Depth by which a geom is in the table when the robot has driven over it and is sunk to it. */
function depthInTable({ model, data }: Simulation, geom: string): number {
  const { mjOBJ_GEOM } = mujoco.mjtObj
  const [knob, tabletop] = [geom, 'tabletop'].map((name) => mujoco.mj_name2id(model, mjOBJ_GEOM.value, name))
  mujoco.mj_kinematics(model, data)
  // The table comes to the knob.
  const away = [0, 1, 2].map(
    (axis) => data.geom_xpos[3 * knob! + axis]! - data.geom_xpos[3 * tabletop! + axis]!,
  )
  away[2] = away[2]! - 0.09
  const body = model.geom_bodyid[tabletop!]!
  for (const [axis, way] of away.entries()) model.body_pos[3 * body + axis] += way
  mujoco.mj_forward(model, data)
  const contacts = data.contact
  const depths: number[] = []
  for (let i = 0; i < data.ncon; i++) {
    const contact = contacts.get(i)!
    if ([contact.geom1, contact.geom2].includes(knob!)) depths.push(-contact.dist)
    contact.delete()
  }
  contacts.delete()
  return Math.max(0, ...depths)
}

/** A tetrahedron in binary STL. */
function stl(size: number): Uint8Array {
  const corners = [
    [0, 0, 0],
    [size, 0, 0],
    [0, size, 0],
    [0, 0, size],
  ]
  const faces = [
    [0, 2, 1],
    [0, 1, 3],
    [0, 3, 2],
    [1, 2, 3],
  ]
  const bytes = Buffer.alloc(84 + 50 * faces.length)
  bytes.writeUInt32LE(faces.length, 80)
  faces.forEach((face, i) => {
    const numbers = face.flatMap((corner) => corners[corner]!)
    for (const [j, value] of numbers.entries()) bytes.writeFloatLE(value, 84 + 50 * i + 12 + 4 * j)
  })
  return bytes
}
