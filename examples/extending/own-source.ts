import type { Source } from 'visuomotor'

/** Photos of a folder whose names say what they show: `red-cup.jpg` is "red cup". */
export const namedPhotos = (directory: string, names: readonly string[]): Source => ({
  name: 'named photos',
  size: names.length,
  async *samples({ skip = 0 } = {}) {
    for (const name of names.slice(skip)) {
      const file = `${directory}/${name}`
      const caption = name.replace(/\.\w+$/, '').replaceAll('-', ' ')
      yield { id: name, image: { file }, captions: [caption], origin: { file } }
    }
  },
})
