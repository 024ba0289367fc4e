/**
 * Probabilities of logits [rows, classes]: e^(x − max) / Σ e^(x − max) over each row, as a new array of the same
 * shape. A row with a NaN, or with an infinity above zero, is NaN throughout; −∞ has the probability 0.
 */
export function softmaxRows(logits: Float32Array, classes: number): Float32Array {
  const probabilities = new Float32Array(logits.length)
  for (let start = 0; start < logits.length; start += classes) {
    const row = logits.subarray(start, start + classes)
    let highest = Number.NEGATIVE_INFINITY
    for (const logit of row) highest = Math.max(highest, logit)
    let sum = 0
    for (const logit of row) sum += Math.exp(logit - highest)
    for (const [i, logit] of row.entries()) probabilities[start + i] = Math.exp(logit - highest) / sum
  }
  return probabilities
}
