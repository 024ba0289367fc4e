import { expect, test } from 'vitest'
import { projectPose } from './project-pose.ts'

/** One metre above the origin, looking straight down, the robot's x up in the picture; sees 1 m from edge to edge. */
const camera = {
  position: [0, 0, 1],
  rotation: [0, 1, 0, -1, 0, 0, 0, 0, 1],
  verticalFov: (2 * Math.atan(0.5) * 180) / Math.PI,
}
const rounded = (lines: ReturnType<typeof projectPose>) =>
  lines?.map((line) => line.map((point) => point.map((part) => Math.round(1000 * part) / 1000)))

test('draws fingers along the hand’s y and the hand along its z', () => {
  expect(rounded(projectPose(camera, [0.1, 0.2, 0, 0, 0, 0], 1))).toEqual([
    [
      [0.255, 0.4],
      [0.345, 0.4],
    ],
    [
      [0.3, 0.4],
      [0.283, 0.391], // nearer to the camera, so farther from the middle
    ],
  ])
})

test('turns with the rotation vector, and narrows in a wide picture', () => {
  const [fingers] = rounded(projectPose(camera, [0, 0, 0, 0, 0, Math.PI / 2], 2))!
  expect(fingers).toEqual([
    [0.5, 0.545],
    [0.5, 0.455],
  ])
  const [across] = rounded(projectPose(camera, [0, 0, 0, 0, 0, 0], 2))!
  expect(across).toEqual([
    [0.478, 0.5],
    [0.523, 0.5],
  ])
})

test('draws nothing behind the camera', () => {
  expect(projectPose(camera, [0, 0, 2, 0, 0, 0], 1)).toBeUndefined()
})
