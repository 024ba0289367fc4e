import { float32, random, type Shape } from '../../src/core/index.ts'
import { Engine } from '../../src/engine/index.ts'
import { checkpoint, gradients, input, type Tensor } from '../../src/graph/index.ts'

// Runs a deep stack of wide blocks forward and back and prints the peak memory of the process in MiB: `keep` keeps
// what the backward pass needs, 16 MiB a block, `recompute` computes it again.

const [rows, width, hidden, depth] = [2048, 128, 1024, 12]
const wrap =
  process.argv[2] === 'recompute' ? checkpoint : (block: (x: Tensor) => Tensor, x: Tensor) => block(x)

const x = input('x', [rows, width])
const weights: Tensor[] = []
const weight = (shape: Shape) => {
  weights.push(input(`weight${weights.length}`, shape))
  return weights.at(-1)!
}
let y = x
for (let i = 0; i < depth; i++) {
  const [up, down] = [weight([hidden, width]), weight([width, hidden])]
  y = wrap((h) => {
    const wide = h.gemm(up, undefined, { transposeB: true }).gelu()
    return h.add(wide.gemm(down, undefined, { transposeB: true }))
  }, y)
}
const found = gradients(y.square().mean(), weights)
const program = await new Engine({ threads: 1 }).compile(
  Object.fromEntries(found.map((gradient, i) => [`gradient${i}`, gradient])),
)

const stream = random(7, 'deep stack')
const fill = ({ shape, size }: Tensor) =>
  float32(
    shape,
    Array.from({ length: size }, () => stream.uniform(-0.1, 0.1)),
  )
await program.run({ x: fill(x), ...Object.fromEntries(weights.map((leaf, i) => [`weight${i}`, fill(leaf)])) })
console.log(process.resourceUsage().maxRSS / 1024)
