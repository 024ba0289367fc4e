/** Remarks about steps: each is told at its first step, and how often it came at the end. */
export class Remarks {
  readonly #note: (text: string) => void
  readonly #counts = new Map<string, number>()

  constructor(note: (text: string) => void) {
    this.#note = note
  }

  /** @param remark Text without step; undefined for none. */
  add(step: number, remark: string | undefined): void {
    if (remark === undefined) return
    const count = (this.#counts.get(remark) ?? 0) + 1
    this.#counts.set(remark, count)
    if (count === 1) this.#note(`warning: step ${step}: ${remark}`)
  }

  /** Tell how often each remark came, if more than once. @param steps Number of steps of this part of the run. */
  close(steps: number): void {
    for (const [remark, count] of this.#counts)
      if (count > 1) this.#note(`warning: in ${count} of ${steps} steps ${remark}`)
  }
}
