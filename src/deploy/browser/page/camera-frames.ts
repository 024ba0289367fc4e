import { html } from '../../../report/html.ts'
import { part } from './view.ts'

/** A frame for the picture of each camera, with a button to choose it. */
export const cameraFrames = (cameras: readonly string[]) =>
  html`<div class="cameras">${cameras.map(
    (name) => html`<figure class="camera"><div class="framed"></div>
<figcaption><label class="choose"><input type="file" accept="image/*" aria-label="Picture of ${name}">\
<span class="button">${shortName(name)}</span></label></figcaption></figure>`,
  )}</div>`

/** Name of a camera without what the names of all cameras of LeRobot begin with. */
const shortName = (name: string): string => name.replace(/^observation\.images?\./, '')

/** Show a picture in the frame of a camera. */
export function showIn(root: ParentNode, camera: number, picture: HTMLElement): void {
  part(root.querySelectorAll<HTMLElement>('.camera')[camera]!, '.framed').replaceChildren(picture)
}

/** Hand a picture that is chosen for a camera to a receiver. */
export function receiveByCamera(root: ParentNode, receive: (camera: number, file: File) => void): void {
  for (const [i, input] of root.querySelectorAll<HTMLInputElement>('.camera input').entries())
    input.addEventListener('change', () => {
      const [file] = input.files ?? []
      if (file) receive(i, file)
      input.value = '' // the same picture may be chosen again
    })
}
