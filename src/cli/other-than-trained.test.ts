import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tabletopFile, tabletopFormat } from '../data/index.ts'
import { knownRobot, ownRobot, readRobot } from '../world/index.ts'
import { tellOtherEdges, tellOtherRobot } from './other-than-trained.ts'

const root = mkdtempSync(join(tmpdir(), 'other-than-trained-'))
const [arm, copy, changed] = ['arm.xml', 'copy.xml', 'changed.xml'].map((name) => join(root, name)) as [
  string,
  string,
  string,
]
writeFileSync(arm, ownRobot.mjcf.replace('model="visuomotor"', 'model="mine"'))
writeFileSync(copy, ownRobot.mjcf.replace('model="visuomotor"', 'model="mine"'))
writeFileSync(changed, ownRobot.mjcf.replace('fovy="50"', 'fovy="60"'))

/** A run whose recipe names a data set, made with a robot or with the built-in one. */
async function run(name: string, robot?: string): Promise<string> {
  const [data, directory] = [join(root, `${name}-data`), join(root, name)]
  for (const folder of [data, directory]) mkdirSync(folder)
  const known = robot === undefined ? {} : { robot: knownRobot(await readRobot(robot)) }
  const camera = { width: 8, height: 8, verticalFov: 50 }
  const description = {
    ...tabletopFormat,
    options: { seed: 1, ...known },
    categories: [],
    labels: {},
    camera,
  }
  writeFileSync(join(data, tabletopFile), JSON.stringify(description))
  writeFileSync(join(directory, 'recipe.json'), JSON.stringify({ data: { parts: [{ directory: data }] } }))
  return directory
}

test('a rollout with another robot than that of the data says so, by content', async () => {
  const [mine, builtIn] = [await run('mine', arm), await run('built-in')]
  const said = async (model: string, robot?: string) => {
    const notes: string[] = []
    await tellOtherRobot(model, robot, { result: () => {}, note: (text) => void notes.push(text) })
    return notes.join('\n')
  }
  expect(await said(mine, arm)).toBe('')
  expect(await said(mine, copy)).toBe('')
  expect(await said(mine, changed)).toMatch(
    /trained with arm\.xml \(\w{8}\), and acts with changed\.xml \(\w{8}\)/,
  )
  expect(await said(mine)).toMatch(/acts with the built-in robot/)
  expect(await said(builtIn)).toBe('')
  expect(await said(builtIn, arm)).toMatch(/trained with the built-in robot, and acts with arm\.xml/)
  expect(await said(join(root, 'no-run'), arm)).toBe('')
})

test('a rollout in pictures of other edges than the demonstrations says so', () => {
  const said = (model: string, smooth: boolean) => {
    const notes: string[] = []
    tellOtherEdges(model, smooth, { result: () => {}, note: (text) => void notes.push(text) })
    return notes.join('\n')
  }
  const learned = (name: string, generate: object) => {
    const directory = join(root, name)
    mkdirSync(directory)
    writeFileSync(join(directory, 'recipe.json'), JSON.stringify({ generate }))
    return directory
  }
  const smooth = learned('smooth', { kind: 'tabletopEpisodes', smooth: true })
  const jagged = learned('jagged', { kind: 'tabletopEpisodes' })
  expect(said(smooth, true)).toBe('')
  expect(said(smooth, false)).toMatch(
    /learned from smooth pictures, and sees jagged ones here\. Give --smooth/,
  )
  expect(said(jagged, true)).toMatch(
    /learned from jagged pictures, and sees smooth ones here\. Leave out --smooth/,
  )
  expect(said(learned('scenes', { kind: 'tabletop', smooth: true }), false)).toBe('')
  expect(said(join(root, 'no-run'), true)).toBe('')
})
