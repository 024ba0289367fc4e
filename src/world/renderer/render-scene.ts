import type { Color } from '../../data/index.ts'

/**
 * What the renderer draws, as plain data. Lengths are in metres, in a right-handed world whose z points up; angles
 * are in degrees. Colours are sRGB in [0, 1], as people and MuJoCo write them; light is added up in linear colour.
 */
export interface RenderScene {
  readonly objects: readonly RenderObject[]
  readonly lights: readonly Light[]
  /** Light that comes from everywhere: a white surface that faces up has this colour without any other light. */
  readonly ambient: Color
  /** Colour where no object is. */
  readonly background: Color
  readonly camera: Camera
}

/** x, y and z. */
export type Vector3 = readonly [x: number, y: number, z: number]

/** Nine numbers, row by row, as MuJoCo's `geom_xmat` and `cam_xmat`: the columns are the body's axes in the world. */
export type Matrix3 = ArrayLike<number>

/** A solid with one material. */
export interface RenderObject {
  /** What `segmentation` holds where this object is seen, a whole number ≥ 0. Objects may share one. */
  readonly id: number
  readonly shape: Shape3
  readonly position: Vector3
  readonly rotation: Matrix3
  readonly material: Material
}

/**
 * Shapes with the sizes that MuJoCo gives them, about their own origin. Capsules and cylinders lie along z.
 *
 * - `plane` is seen from its z side only. A half size of 0 means without end (20 m are drawn).
 * - `mesh` lists [vertices, 3] `positions` and [triangles, 3] `indices`, counterclockwise seen from outside. Without
 *   `normals` [vertices, 3] it has flat faces. A mesh is cached by the identity of its `positions`.
 */
export type Shape3 =
  | { readonly kind: 'box'; readonly halfSizes: Vector3 }
  | { readonly kind: 'sphere'; readonly radius: number }
  | { readonly kind: 'ellipsoid'; readonly radii: Vector3 }
  | { readonly kind: 'capsule'; readonly radius: number; readonly halfLength: number }
  | { readonly kind: 'cylinder'; readonly radius: number; readonly halfLength: number }
  | { readonly kind: 'plane'; readonly halfSizes: readonly [x: number, y: number] }
  | {
      readonly kind: 'mesh'
      readonly positions: Float32Array
      readonly indices: Uint32Array
      readonly normals?: Float32Array
    }

/** How a surface answers light. */
export interface Material {
  readonly color: Color
  /** From 0, a mirror's polish, to 1, chalk. */
  readonly roughness: number
  /** From 0, paint or plastic, whose highlights have the light's colour, to 1, metal, whose highlights have its own. */
  readonly metalness: number
  readonly texture?: Texture
  /** Height of procedural bumps, from 0, none, to 1. Default 0. */
  readonly bumpStrength?: number
}

/** A pattern of the material's colour and a second one, solid: an object is cut out of it. */
export interface Texture {
  readonly kind: 'checks' | 'wood' | 'noise'
  /** Second colour. */
  readonly color: Color
  /** Metres: the edge of a check, the distance of two rings of wood, the size of a speck of noise. */
  readonly scale: number
}

/** A lamp. Each one that `castsShadow` costs a shadow map. */
export type Light = DirectionalLight | SpotLight

/** Parallel light, as the sun's. */
export interface DirectionalLight {
  readonly kind: 'directional'
  /** Where the light goes; any length. */
  readonly direction: Vector3
  readonly color: Color
  /** A white matt surface that faces the light is as bright as this times `color`; 1 is full white. */
  readonly intensity: number
  readonly castsShadow: boolean
}

/** Light from a point within a cone. */
export interface SpotLight {
  readonly kind: 'spot'
  readonly position: Vector3
  /** The axis of the cone; any length. */
  readonly direction: Vector3
  /** Degrees between the axis and the edge of the cone, below 80. The last fifth fades out. */
  readonly angle: number
  readonly color: Color
  /** As a directional light's, at one metre; it falls with the square of the distance. */
  readonly intensity: number
  readonly castsShadow: boolean
}

/** A camera as MuJoCo's: it looks along its −z, x is right, y is up. */
export interface Camera {
  readonly position: Vector3
  readonly rotation: Matrix3
  /** Angle between the upper and the lower edge of the picture, degrees, between 1 and 170. */
  readonly verticalFov: number
  /** What is nearer is cut away, metres. */
  readonly near: number
  /** What is farther is not drawn; the depth of the background, metres. */
  readonly far: number
  /** Pixels. */
  readonly width: number
  readonly height: number
  /** Metres to what is sharp. Everything is sharp without it. */
  readonly focusDistance?: number
  /** Diameter of the lens in metres, which blurs what is out of focus. Default 0.005. */
  readonly aperture?: number
  /** Standard deviation, in pixels, of a Gaussian blur of the whole picture. Default 0. */
  readonly blur?: number
  /** Standard deviation of the sensor's noise, where 1 is full white. Default 0. */
  readonly noise?: number
}

/** What `segmentation` holds where no object is. */
export const noObject = -1

/** How a scene is drawn. */
export interface RenderOptions {
  /** 2 draws twice as many rows and columns and takes means of the colours: smooth edges, four times the work. Default 1. */
  readonly supersample?: 1 | 2
  /** Seed of the sensor's noise. Default 0. */
  readonly seed?: number
}

/** A picture. Rows run from the top, pixels from the left. */
export interface Rendering {
  readonly width: number
  readonly height: number
  /** sRGB bytes, [height, width, 3]. */
  readonly color: Uint8Array
  /** Metres along the camera's viewing direction, [height, width]; `camera.far` where no object is. */
  readonly depth: Float32Array
  /** The id of the object at the centre of each pixel, [height, width]; `noObject` where none is. */
  readonly segmentation: Int32Array
}
