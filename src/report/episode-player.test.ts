import { expect, test } from 'vitest'
import { episodePlayer } from './episode-player.ts'

const picture = Buffer.from('\u00ff\u00d8\u00ff\u00e0', 'latin1')

test('episodePlayer holds pictures, values and commands, and no mark-up of a command', () => {
  const markup = episodePlayer({
    title: 'Episode 3',
    subtitle: '2 frames',
    note: 'Space plays.',
    commands: ['</script><b>push', 'push'],
    times: [0, 0.1],
    cameras: [{ name: 'top', pictures: [picture, picture] }],
    curves: [
      {
        title: 'action',
        lines: [
          { name: 'x', values: [1, 3] },
          { name: 'y', values: [Number.NaN, 2] },
        ],
      },
    ],
  })
  expect(markup.split('</script>')).toHaveLength(3)
  expect(markup).not.toContain('<b>push')
  expect(markup).toContain('<path d="M0.0 200.0L1000.0 0.0"')
  expect(markup).toContain('<path d="M1000.0 100.0"')
  const [, data = ''] = /id="episode">(.*?)<\/script>/s.exec(markup) ?? []
  expect(JSON.parse(data)).toMatchObject({
    times: [0, 0.1],
    commands: ['</script><b>push', 'push'],
    values: [
      [
        [1, 3],
        [null, 2],
      ],
    ],
    cameras: [[expect.stringMatching(/^data:image\/jpeg/), expect.anything()]],
  })
  expect(markup).not.toMatch(/src="(?!data:)|https?:/)
})
