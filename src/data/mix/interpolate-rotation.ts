type Quaternion = readonly [w: number, x: number, y: number, z: number]

/** Angle in radians below which rotations are interpolated on a straight line. */
const near = 1e-6

/**
 * Interpolate from rotation vector `a` to `b` (axis times angle, radians) at the fraction `part` of the shortest way:
 * spherical interpolation (Shoemake 1985). The result's angle is at most π.
 */
export function interpolateRotation(a: readonly number[], b: readonly number[], part: number): number[] {
  const [from, to] = [quaternionOf(a), quaternionOf(b)]
  const cosine = from.reduce((sum, value, i) => sum + value * to[i]!, 0)
  const sign = cosine < 0 ? -1 : 1 // q and −q are one rotation: take the nearer one
  const angle = Math.acos(Math.min(1, Math.abs(cosine)))
  const weight = (share: number) => (angle < near ? share : Math.sin(share * angle) / Math.sin(angle))
  const [kept, added] = [weight(1 - part), sign * weight(part)]
  return vectorOf(from.map((value, i) => kept * value + added * to[i]!) as unknown as Quaternion)
}

function quaternionOf([x = 0, y = 0, z = 0]: readonly number[]): Quaternion {
  const angle = Math.hypot(x, y, z)
  const scale = angle < near ? 0.5 : Math.sin(angle / 2) / angle
  return [Math.cos(angle / 2), scale * x, scale * y, scale * z]
}

function vectorOf([w, x, y, z]: Quaternion): number[] {
  const sine = Math.hypot(x, y, z)
  const sign = w < 0 ? -1 : 1 // of the two the one with the smaller angle
  const scale = sine < near ? 2 : (2 * Math.atan2(sine, sign * w)) / sine
  return [sign * scale * x, sign * scale * y, sign * scale * z]
}
