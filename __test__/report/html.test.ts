import test from 'ava'
import { escapeHtml, html } from '../../src/report/html.js'

test('whatever is inserted is escaped, unless it is markup itself', (t) => {
  t.is(escapeHtml(`<a href="x">&'`), '&lt;a href=&quot;x&quot;&gt;&amp;&#39;')
  t.is(html`<p title="${'"'}">${'a < b'}</p>`.text, '<p title="&quot;">a &lt; b</p>')
  t.is(html`<ul>${['<', '>'].map((x) => html`<li>${x}</li>`)}</ul>`.text, '<ul><li>&lt;</li><li>&gt;</li></ul>')
  t.is(html`${null}${undefined}${0}${[]}`.text, '0')
})
