import { z } from 'zod'
import { Child, ChildFailure } from '../child.ts'
import { nodeLaunch, pythonLaunch } from '../contestants.ts'
import { type MatrixProduct, operationsOf } from '../floating-point-operations.ts'
import { median } from '../statistics.ts'
import { progress } from './progress.ts'

/** How fast libraries multiply matrices of one shape. */
export interface GemmRate extends MatrixProduct {
  /** Floating-point operations in 10⁹ a second, by library. */
  readonly gigaflopsPerSecond: Readonly<Record<string, number>>
}

const libraries = {
  onnxruntime: (task: object) => nodeLaunch('contestants/onnxruntime-gemm.ts', task),
  torch: (task: object) => pythonLaunch('torch_gemm.py', task),
}

/** Products of each shape in one turn. */
const runs = 3
const ready = z.object({})
const times = z.object({ milliseconds: z.array(z.array(z.number())) })

/** Lets libraries do nothing but the matrix products of a step: no step can be faster. */
export class GemmLimit {
  readonly #products: readonly MatrixProduct[]
  readonly #children: ReadonlyMap<string, Child>
  readonly #times = new Map<string, number[][]>()

  private constructor(products: readonly MatrixProduct[], children: ReadonlyMap<string, Child>) {
    this.#products = products
    this.#children = children
    for (const library of children.keys())
      this.#times.set(
        library,
        products.map(() => []),
      )
  }

  /** @param products Those of a step; shapes with less than a hundredth of the work are left out. */
  static async prepare(products: readonly MatrixProduct[]): Promise<GemmLimit> {
    const total = products.reduce((sum, product) => sum + operationsOf(product), 0)
    const relevant = products.filter(
      (product) => product.op === 'gemm' && operationsOf(product) > total / 100,
    )
    const children = new Map<string, Child>()
    for (const [library, launch] of Object.entries(libraries)) {
      const child = new Child(launch({ products: relevant }))
      try {
        await child.reply(ready)
        await child.ask({ runs: 2 }, times)
        children.set(library, child)
      } catch (error) {
        if (!(error instanceof ChildFailure)) throw error
        progress(`Gemm of ${library}: skipped: ${error.message}`)
      }
    }
    return new GemmLimit(relevant, children)
  }

  async turn(): Promise<void> {
    for (const [library, child] of this.#children) {
      const { milliseconds } = await child.ask({ runs }, times)
      this.#times.get(library)!.forEach((all, i) => {
        all.push(...milliseconds[i]!)
      })
    }
  }

  async end(): Promise<GemmRate[]> {
    for (const child of this.#children.values()) await child.end()
    return this.#products.map((product, i) => {
      const operations = operationsOf({ ...product, count: 1 })
      const rates = Array.from(
        this.#times,
        ([library, all]) => [library, operations / median(all[i]!) / 1e6] as const,
      )
      return { ...product, gigaflopsPerSecond: Object.fromEntries(rates) }
    })
  }
}

/** The fastest product among all shapes and libraries. */
export function bestGemm(rates: readonly GemmRate[]) {
  const all = rates.flatMap(({ gigaflopsPerSecond, ...product }) =>
    Object.entries(gigaflopsPerSecond).map(([library, rate]) => ({
      gigaflopsPerSecond: rate,
      library,
      ...product,
    })),
  )
  return all.reduce((a, b) => (b.gigaflopsPerSecond > a.gigaflopsPerSecond ? b : a))
}
