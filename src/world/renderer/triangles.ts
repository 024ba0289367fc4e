/**
 * Triangles on a raster, in growing arrays that are reused between images. A vertex is a place on the raster, its
 * nearness and its normal; a triangle is three vertices and the index of its solid.
 */
export class Triangles {
  vertices = 0
  count = 0
  /**
   * Coordinates in whole 256ths of a pixel: products of two differences are exact, and neighbours share each border
   * exactly.
   */
  x = new Float64Array(0)
  y = new Float64Array(0)
  nearness = new Float64Array(0)
  /** Normals in the world, of length 1, [vertices, 3]. */
  normals = new Float32Array(0)
  /** Vertices, [triangles, 3]. */
  corners = new Int32Array(0)
  solids = new Int32Array(0)

  clear(): void {
    this.vertices = 0
    this.count = 0
  }

  /** Reserve room for more vertices and triangles. */
  reserve(vertices: number, triangles: number): void {
    if (this.vertices + vertices > this.x.length) {
      const capacity = 2 * (this.vertices + vertices)
      this.x = enlarged(this.x, new Float64Array(capacity))
      this.y = enlarged(this.y, new Float64Array(capacity))
      this.nearness = enlarged(this.nearness, new Float64Array(capacity))
      this.normals = enlarged(this.normals, new Float32Array(3 * capacity))
    }
    if (this.count + triangles > this.solids.length) {
      const capacity = 2 * (this.count + triangles)
      this.corners = enlarged(this.corners, new Int32Array(3 * capacity))
      this.solids = enlarged(this.solids, new Int32Array(capacity))
    }
  }

  /** Add a triangle, unless it is a back face or seen edge on. */
  add(a: number, b: number, c: number, solid: number): void {
    const { x, y } = this
    const area = (x[b]! - x[a]!) * (y[c]! - y[a]!) - (x[c]! - x[a]!) * (y[b]! - y[a]!)
    if (!(area < 0)) return
    const at = 3 * this.count
    this.corners[at] = a
    this.corners[at + 1] = b
    this.corners[at + 2] = c
    this.solids[this.count++] = solid
  }
}

function enlarged<A extends Float64Array | Float32Array | Int32Array>(old: A, larger: A): A {
  larger.set(old)
  return larger
}
