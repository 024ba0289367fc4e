import { describe, expect, it } from 'vitest'
import { html } from './html.ts'

describe('html', () => {
  it('escapes text for content and attributes', () => {
    const evil = `<img src=x onerror='alert("1")'> & co`
    const text = '&lt;img src=x onerror=&#39;alert(&quot;1&quot;)&#39;&gt; &amp; co'
    expect(html`<p title="${evil}">${evil}</p>`.toString()).toBe(`<p title="${text}">${text}</p>`)
  })

  it('leaves what it made itself, joins lists and skips undefined', () => {
    const items = ['a', '<'].map((item) => html`<li>${item}</li>`)
    expect(html`<ul>${items}${undefined}${3}${''}</ul>`.toString()).toBe('<ul><li>a</li><li>&lt;</li>3</ul>')
  })
})
