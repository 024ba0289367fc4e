/**
 * One pass for several readers: each gets every item, and none is ahead of the others, so that a large data set needs no
 * memory. All must read to the end, at the same time.
 */
export async function readTogether<Item, Result>(
  items: AsyncIterable<Item>,
  readers: readonly ((items: AsyncIterable<Item>) => Promise<Result>)[],
): Promise<Result[]> {
  const source = items[Symbol.asyncIterator]()
  let current: Promise<IteratorResult<Item>>
  let arrived = 0
  let gate = newGate()
  /** The next item, as soon as all readers want it. */
  const take = async (): Promise<IteratorResult<Item>> => {
    arrived += 1
    if (arrived < readers.length) await gate.passed
    else {
      const before = gate
      ;[arrived, gate, current] = [0, newGate(), source.next()]
      before.open()
    }
    return current
  }
  async function* view(): AsyncGenerator<Item> {
    for (let next = await take(); !next.done; next = await take()) yield next.value
  }
  try {
    return await Promise.all(readers.map((read) => read(view())))
  } finally {
    await source.return?.()
  }
}

function newGate(): { readonly passed: Promise<void>; open(): void } {
  let open = () => {}
  const passed = new Promise<void>((resolve) => {
    open = resolve
  })
  return { passed, open }
}
