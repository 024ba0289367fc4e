import { html } from '../../../report/html.ts'
import type { NamedPicture } from './view.ts'

/** A button that lets the visitor choose pictures; pictures that are dropped anywhere on the page count too. */
export const pictureInput = (
  label: string,
) => html`<label class="choose"><input type="file" accept="image/*" multiple>\
<span class="button">${label}</span> <span class="hint">or drop them anywhere on this page</span></label>`

/**
 * Hand what is chosen or dropped to a receiver.
 * @param root Part of the page with a {@link pictureInput}. @param selector Its field.
 */
export function receivePictures(
  root: HTMLElement,
  receive: (pictures: readonly NamedPicture[]) => void,
  selector = '.choose input',
): void {
  const input = root.querySelector<HTMLInputElement>(selector)!
  input.addEventListener('change', () => {
    receive(named(input.files))
    input.value = '' // the same picture may be chosen again
  })
  const { body } = document
  body.addEventListener('dragover', (event) => {
    event.preventDefault()
    body.classList.add('dropping')
  })
  for (const left of ['dragleave', 'drop'])
    body.addEventListener(left, () => body.classList.remove('dropping'))
  body.addEventListener('drop', (event) => {
    event.preventDefault() // the browser would show the picture instead of the page
    receive(named(event.dataTransfer?.files ?? null))
  })
}

const named = (files: FileList | null): NamedPicture[] =>
  [...(files ?? [])].map((picture) => ({ name: picture.name, picture }))
