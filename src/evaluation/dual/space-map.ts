import { evenlySpread, optionalPackage, random } from '../../core/index.ts'
import { thumbnail } from '../../data/index.ts'
import {
  type MappedPoint,
  mapPictureSide,
  mapPlaces,
  percent,
  pictureMap,
  type Section,
} from '../../report/index.ts'
import type { Features } from '../suite/subject.ts'
import { gatheredRows } from './feature-rows.ts'
import { principalPlaces } from './principal-axes.ts'

/** Ways to draw a space of many dimensions in two. */
export const mapKinds = ['pca', 'umap'] as const
export type MapKind = (typeof mapKinds)[number]

/** Most images on a map, as pictures or dots, and most pictures. */
const most = { images: 2000, pictures: 150 } as const

/** Neighbours from which UMAP learns, its usual number; as many images and one more are needed. */
const neighbours = 15

/**
 * A map of the images in the model's space, as a section with pictures on it; undefined of fewer than three images, or for UMAP
 * fewer than 16. Of more than 2,000 images as many, evenly spread, are on it.
 *
 * - `pca`: the two axes of largest variance. Distances are those of the space, as seen from one side.
 * - `umap`: neighbours stay neighbours (McInnes et al. 2018, by umap-js). Distances between groups mean little.
 */
export async function spaceMap(
  features: Features,
  rows: readonly number[],
  kind: MapKind,
  seed: number,
): Promise<Section | undefined> {
  if (rows.length < (kind === 'pca' ? 3 : neighbours + 1)) return undefined
  const shown = evenlySpread(rows.length, most.images).map((place) => rows[place]!)
  const vectors = gatheredRows(features.imageFeatures, features.width, shown)
  const { places, note } =
    kind === 'pca' ? principalMap(vectors, features.width) : await neighbourMap(vectors, features.width, seed)
  const points = places.map(([x, y]) => ({ x, y }))
  const pictured = withoutOverlap(points, seed)
  const mapped = await Promise.all(
    points.map(async (point, i): Promise<MappedPoint> => {
      const sample = features.samples.get(features.imageIds[shown[i]!]!)!
      const caption = sample.captions[0]!
      return pictured.has(i) ? { ...point, caption, picture: await thumbnail(sample) } : { ...point, caption }
    }),
  )
  const part = shown.length < rows.length ? ` ${shown.length} of ${rows.length} images are on it.` : ''
  return { title: 'Map of the space', note: note + part, body: pictureMap(mapped, 'Images in the space') }
}

function principalMap(vectors: Float32Array, width: number) {
  const { places, explained } = principalPlaces(vectors, width)
  const note =
    `The images along the two axes on which they differ most (principal components): ${percent(explained[0])} of the variance ` +
    `lies across, ${percent(explained[1])} upwards. Near pictures may yet be apart on other axes.`
  return { places, note }
}

async function neighbourMap(vectors: Float32Array, width: number, seed: number) {
  const { UMAP } = await optionalPackage('umap-js', 'a map of neighbours', () => import('umap-js'))
  const rows = Array.from({ length: vectors.length / width }, (_, row) =>
    Array.from(vectors.subarray(row * width, (row + 1) * width)),
  )
  const stream = random(seed, 'umap')
  const umap = new UMAP({ nNeighbors: neighbours, random: () => stream.uniform() })
  const places = umap.fit(rows) as [number, number][]
  const note =
    'Images that are neighbours in the space are neighbours here (UMAP). How far groups lie from each other means little.'
  return { places, note }
}

/** Points that get a picture: in a seeded order, each that lies over no earlier one. */
function withoutOverlap(
  points: readonly { readonly x: number; readonly y: number }[],
  seed: number,
): Set<number> {
  const places = mapPlaces(points)
  const chosen = new Set<number>()
  for (const i of random(seed, 'pictures of a map').shuffle([...places.keys()])) {
    const [x, y] = places[i]!
    const isFree = [...chosen].every((other) => {
      const [otherX, otherY] = places[other]!
      return Math.max(Math.abs(x - otherX), Math.abs(y - otherY)) >= mapPictureSide
    })
    if (isFree && chosen.size < most.pictures) chosen.add(i)
  }
  return chosen
}
