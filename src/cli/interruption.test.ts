import { afterEach, describe, expect, test, vi } from 'vitest'
import { interruptible } from './interruption.ts'

describe('interruptible work', () => {
  const notes: string[] = []
  const output = { result: () => expect.unreachable(), note: (text: string) => void notes.push(text) }
  afterEach(() => {
    notes.length = 0
    vi.restoreAllMocks()
  })

  test.each(['SIGINT', 'SIGTERM'] as const)(
    'is asked to end by the first %s, and ended by the second',
    async (name) => {
      const exit = vi.spyOn(process, 'exit').mockImplementation((): never => undefined as never)
      const before = process.listenerCount(name)
      const seen = await interruptible(output, async (signal) => {
        const states = [signal.aborted]
        process.emit(name)
        states.push(signal.aborted)
        expect(exit).not.toHaveBeenCalled()
        process.emit(name)
        expect(exit).toHaveBeenCalledWith(130)
        return states
      })
      expect(seen).toEqual([false, true])
      expect(notes[0]).toContain('once more stops at once')
      expect(process.listenerCount(name)).toBe(before)
    },
  )

  test('that fails leaves no listener behind', async () => {
    const before = process.listenerCount('SIGINT')
    await expect(interruptible(output, () => Promise.reject(new Error('no memory')))).rejects.toThrow(
      'no memory',
    )
    expect(process.listenerCount('SIGINT')).toBe(before)
  })
})
