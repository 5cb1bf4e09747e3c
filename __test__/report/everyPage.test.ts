import { readdir, readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import test from 'ava'
import { parseHTML } from 'linkedom'
import { everyPage } from './everyPage.js'
import { faults } from './faults.js'
import { outside } from './outside.js'

test('every kind of page needs nothing from outside, has no id twice, no number that is none, words for every picture', async (t) => {
  const pages = await everyPage(t)
  for (const path of pages) {
    const text = await readFile(path, 'utf8')
    t.deepEqual(faults(text), [], basename(path))
    const { document } = parseHTML(text)
    t.regex(document.querySelector('meta[http-equiv]')?.getAttribute('content') ?? '', /^default-src 'none';/, path)
    t.true(document.querySelectorAll('svg, img').length > 0, path)
  }
  // Whoever makes a page of another kind adds it to those that are looked at.
  const folder = new URL('../../src/report/', import.meta.url)
  const sources = await Promise.all((await readdir(folder)).map((name) => readFile(new URL(name, folder), 'utf8')))
  t.is(sources.filter((source) => source.includes("from './page.js'")).length, pages.length)
})

test('what a page can ask for from outside is found, and what lies in it is not', (t) => {
  for (const [markup, found] of [
    ['<img src="a.png">', 'a.png'],
    ['<a href="https://example.org/">', 'https://example.org/'],
    ['<svg><image xlink:href="b.svg"/></svg>', 'b.svg'],
    ['<p style="background: url(c.png)">', 'url(c.png)'],
    ['<style>@import "d.css";</style>', '@import "d.css"'],
    ['<script>1</script>', '<script'],
    ['<link rel="icon">', '<link'],
    ['<meta http-equiv="refresh" content="0; url=https://example.org/">', 'refresh'],
  ] as const)
    t.deepEqual(outside(`<!doctype html><html><body>${markup}</body></html>`), [found])
  const own =
    '<a href="#a">a</a><img src="data:image/png;base64,AA"><p style="background: url(data:image/webp;base64,AA)">'
  t.deepEqual(outside(`<!doctype html><html><body>${own}</body></html>`), [])
})
