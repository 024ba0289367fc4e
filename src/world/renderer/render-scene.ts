import type { Color } from '../../data/index.ts'

/**
 * Scene of the renderer, as plain data. Lengths are in metres, in a right-handed world with z up; angles are in
 * degrees. Colours are sRGB in [0, 1], as people and MuJoCo write them; light is added up in linear colour.
 */
export interface RenderScene {
  readonly objects: readonly RenderObject[]
  readonly lights: readonly Light[]
  /** Ambient light: the colour of a white surface that faces up, without any other light. */
  readonly ambient: Color
  /** Colour of pixels without an object. */
  readonly background: Color
  readonly camera: Camera
}

/** Vector of x, y and z. */
export type Vector3 = readonly [x: number, y: number, z: number]

/**
 * Matrix of nine numbers, row by row, as MuJoCo's `geom_xmat` and `cam_xmat`: the columns are the body's axes in the
 * world.
 */
export type Matrix3 = ArrayLike<number>

/** Solid with one material. */
export interface RenderObject {
  /** Value of the object in `segmentation`, a whole number ≥ 0. Objects may share one. */
  readonly id: number
  readonly shape: Shape3
  readonly position: Vector3
  readonly rotation: Matrix3
  readonly material: Material
}

/**
 * Shapes with MuJoCo's sizes, about their own origin. Capsules and cylinders lie along z.
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

/** Reflection properties of a surface. */
export interface Material {
  readonly color: Color
  /** Roughness from 0, a mirror's polish, to 1, chalk. */
  readonly roughness: number
  /**
   * Metalness from 0, paint or plastic with highlights of the light's colour, to 1, metal with highlights of its own.
   */
  readonly metalness: number
  readonly texture?: Texture
  /** Height of procedural bumps, from 0, none, to 1. Default 0. */
  readonly bumpStrength?: number
}

/** Solid pattern of the material's colour and a second one, as if the object were cut out of it. */
export interface Texture {
  readonly kind: 'checks' | 'wood' | 'noise'
  /** Second colour. */
  readonly color: Color
  /** Scale, metres: the edge of a check, the distance of two rings of wood, the size of a speck of noise. */
  readonly scale: number
}

/** Lamp. Each one that `castsShadow` costs a shadow map. */
export type Light = DirectionalLight | SpotLight

/** Parallel light, as the sun's. */
export interface DirectionalLight {
  readonly kind: 'directional'
  /** Direction of the light; any length. */
  readonly direction: Vector3
  readonly color: Color
  /** Brightness of a white matt surface that faces the light, in units of `color`; 1 is full white. */
  readonly intensity: number
  readonly castsShadow: boolean
}

/** Light from a point within a cone. */
export interface SpotLight {
  readonly kind: 'spot'
  readonly position: Vector3
  /** Axis of the cone; any length. */
  readonly direction: Vector3
  /** Angle between the axis and the edge of the cone, degrees, below 80. The last fifth fades out. */
  readonly angle: number
  readonly color: Color
  /** Intensity at one metre, as a directional light's; it falls with the square of the distance. */
  readonly intensity: number
  readonly castsShadow: boolean
}

/** Camera as in MuJoCo: it looks along its −z, x is right, y is up. */
export interface Camera {
  readonly position: Vector3
  readonly rotation: Matrix3
  /** Angle between the upper and the lower edge of the image, degrees, between 1 and 170. */
  readonly verticalFov: number
  /** Distance of the near plane, metres; nearer surfaces are cut away. */
  readonly near: number
  /** Distance of the far plane, metres; farther surfaces are not drawn, and it is the depth of the background. */
  readonly far: number
  /** Width and height, pixels. */
  readonly width: number
  readonly height: number
  /** Metres to the plane in focus. Without it everything is sharp. */
  readonly focusDistance?: number
  /** Diameter of the lens, metres, which determines the blur out of focus. Default 0.005. */
  readonly aperture?: number
  /** Standard deviation, in pixels, of a Gaussian blur of the whole image. Default 0. */
  readonly blur?: number
  /** Standard deviation of the sensor's noise, where 1 is full white. Default 0. */
  readonly noise?: number
}

/** Value of `segmentation` at pixels without an object. */
export const noObject = -1

/** Options of a rendering. */
export interface RenderOptions {
  /** Samples a pixel along each axis. 2 takes means of the colours: smooth edges, four times the work. Default 1. */
  readonly supersample?: 1 | 2
  /** Seed of the sensor's noise. Default 0. */
  readonly seed?: number
}

/** Image with depth and segmentation. Rows run from the top, pixels from the left. */
export interface Rendering {
  readonly width: number
  readonly height: number
  /** Colours as sRGB bytes, [height, width, 3]. */
  readonly color: Uint8Array
  /** Metres along the camera's viewing direction, [height, width]; `camera.far` at pixels without an object. */
  readonly depth: Float32Array
  /** Id of the object at the centre of each pixel, [height, width]; `noObject` for none. */
  readonly segmentation: Int32Array
}
