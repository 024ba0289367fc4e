import { Html, html } from './html.ts'
import { htmlTable } from './html-table.ts'
import { type MarkedPicture, type PictureStrip, pictureStrips } from './marked-pictures.ts'
import { type Figure, page, type Section } from './page.ts'
import { type LinePlot, linePlot } from './plot.ts'
import type { Table } from './table.ts'

/** Content of {@link episodesPage}. */
export interface EpisodesContents {
  readonly title: string
  readonly subtitle: string
  readonly figures: readonly Figure[]
  readonly findings: Table<Html>
  /** A sentence where there are no findings. */
  readonly sound: string
  /** Plots by their headings. */
  readonly plots: readonly {
    readonly title: string
    readonly note: string
    readonly plots: readonly LinePlot[]
  }[]
  /** Pictures of each camera. */
  readonly cameras: readonly { readonly name: string; readonly pictures: readonly MarkedPicture[] }[]
  readonly tasks: Table
}

/** A page about a data set of episodes: what to look at first, then times, values, cameras and tasks. */
export async function episodesPage(contents: EpisodesContents): Promise<string> {
  const { title, subtitle, figures, findings, sound, plots, cameras, tasks } = contents
  const drawn: Section[] = []
  for (const { title, note, plots: own } of plots)
    drawn.push({ title, note, body: html`<div class="plots">${await Promise.all(own.map(figureOf))}</div>` })
  const sections: Section[] = [
    {
      title: 'To look at',
      body: findings.rows.length > 0 ? htmlTable(findings) : html`<p>${sound}</p>`,
    },
    ...drawn,
    {
      title: 'Cameras',
      note: 'Five frames of an episode, evenly spread, of up to four episodes.',
      body: pictureStrips(cameras.map(({ name, pictures }): PictureStrip => ({ title: name, pictures }))),
    },
    { title: 'Commands', body: htmlTable(tasks) },
  ]
  const shown = sections.filter(({ title }) => title !== 'Cameras' || cameras.length > 0)
  return page({ title, subtitle, figures, contents: true, sections: shown })
}

const figureOf = async (plot: LinePlot): Promise<Html> =>
  html`<figure>${new Html(await linePlot(plot))}</figure>\n`
