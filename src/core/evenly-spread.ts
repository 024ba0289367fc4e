/** `count` whole numbers from 0 to `size` − 1 in order, evenly spread; all of them where there are fewer. */
export function evenlySpread(size: number, count: number): number[] {
  const taken = Math.min(size, count)
  return Array.from({ length: taken }, (_, i) => Math.floor((i * size) / taken))
}
