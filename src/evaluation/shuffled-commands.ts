import { type Batch, gatherRows } from '../core/index.ts'

/**
 * The control of a policy: the same batches, each sample with the command of another sample with the same labels.
 * Success with the wrong command is not due to the command; with n objects in a scene it is about one in n.
 *
 * Within each batch samples are grouped by their labels, and each takes the command half a group away, which is of
 * another scene, since the commands of a scene stand side by side. A sample whose labels no other of its batch has keeps its
 * own command.
 * @param onOwn Receiver, at the end, of the number of samples that kept their own command; not called for none.
 */
export async function* withShuffledCommands(
  batches: AsyncIterable<Batch>,
  onOwn: (count: number) => void = () => {},
): AsyncGenerator<Batch> {
  let own = 0
  for await (const { ids, arrays } of batches) {
    const order = donors(arrays, ids.length)
    own += order.filter((donor, row) => donor === row).length
    const { inputIds, attentionMask } = arrays
    yield {
      ids,
      arrays: {
        ...arrays,
        ...(inputIds && { inputIds: gatherRows(inputIds, order) }),
        ...(attentionMask && { attentionMask: gatherRows(attentionMask, order) }),
      },
    }
  }
  if (own > 0) onOwn(own)
}

/** Index of the sample whose command each sample takes. */
function donors(arrays: Batch['arrays'], count: number): number[] {
  const present = Object.entries(arrays).filter(([name]) => name.endsWith('Present'))
  const groups = new Map<string, number[]>()
  for (let row = 0; row < count; row++) {
    const labels = present.map(([, { data }]) => String(data[row])).join()
    groups.set(labels, [...(groups.get(labels) ?? []), row])
  }
  const order = new Array<number>(count)
  for (const group of groups.values()) {
    const half = Math.floor(group.length / 2)
    for (const [i, row] of group.entries()) order[row] = group[(i + half) % group.length]!
  }
  return order
}
