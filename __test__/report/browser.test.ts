/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import test, { type ExecutionContext } from 'ava'
import puppeteer, { type Browser } from 'puppeteer-core'
import { characters, temporary } from '../train/tinyRun.js'
import { everyPage, judgedRuns, modelsPage } from './everyPage.js'
import { overflowing } from './overflowing.js'

/** Where Chromium is, if it is anywhere on the path. */
async function chromium(): Promise<string | undefined> {
  const folders = (process.env.PATH ?? '').split(delimiter)
  for (const name of ['chromium', 'chromium-browser', 'google-chrome'])
    for (const folder of folders) {
      const path = join(folder, name)
      const there = await access(path).then(
        () => true,
        () => false,
      )
      if (there) return path
    }
  return undefined
}

const executablePath = await chromium()
const browserTest = executablePath === undefined ? test.skip : test

/** Opens pages in a browser that is closed after the test. */
async function browse(t: ExecutionContext): Promise<Browser> {
  const profile = join(await temporary(t), 'profile')
  const browser = await puppeteer.launch({
    ...{ executablePath: executablePath as string, userDataDir: profile },
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-sync', '--disable-component-update'],
  })
  t.teardown(() => browser.close())
  return browser
}

browserTest(
  'in Chromium: nothing overflows at two widths, nothing is said on the console, nothing is asked for',
  async (t) => {
    const [files, browser] = [await everyPage(t), await browse(t)]
    for (const file of files)
      for (const width of [400, 1200])
        for (const scheme of ['light', 'dark']) {
          const page = await browser.newPage()
          const said: string[] = []
          page.on('console', (message) => said.push(message.text()))
          page.on('pageerror', (error) => said.push(String(error)))
          page.on('request', (request) => {
            if (!/^(file|data):/.test(request.url())) said.push(request.url())
          })
          await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }])
          await page.setViewport({ width, height: 800 })
          await page.goto(pathToFileURL(file).href)
          // What is shown of every point of a map, one after the other.
          const tips = await page.evaluate(() =>
            [...document.querySelectorAll<HTMLInputElement>('.points input')].map((input) => {
              input.checked = true
              const tip = input.nextElementSibling?.getBoundingClientRect()
              return { left: tip?.left ?? 0, right: tip?.right ?? 0, width: tip?.width ?? 0 }
            }),
          )
          const found = await page.evaluate(() => {
            for (const details of document.querySelectorAll('details')) details.open = true
            return {
              width: document.documentElement.scrollWidth,
              broken: [...document.images].filter((image) => image.naturalWidth === 0).length,
              colour: getComputedStyle(document.body).backgroundColor,
            }
          })
          const where = `${file} at ${width}, ${scheme}`
          t.deepEqual(await page.evaluate(overflowing, '.scroll, pre'), [], where)
          if (/(report|judged)\.html$/.test(file)) t.true(tips.length > 60, where)
          t.deepEqual(
            tips.filter((tip) => tip.width < 100 || tip.left < 0 || tip.right > width),
            [],
            where,
          )
          t.true(found.width <= width, `${where}: ${found.width}`)
          t.is(found.broken, 0, where)
          t.is(found.colour, scheme === 'dark' ? 'rgb(20, 23, 26)' : 'rgb(253, 253, 251)', where)
          t.deepEqual(said, [], where)
          await page.close()
        }
  },
)

browserTest('in Chromium, on paper: nothing is folded away, hidden, cut off at a side or dark', async (t) => {
  const [files, browser] = [await everyPage(t), await browse(t)]
  for (const file of files) {
    const page = await browser.newPage()
    // Puppeteer's own calls undo each other.
    const session = await page.createCDPSession()
    const features = [{ name: 'prefers-color-scheme', value: 'dark' }]
    await session.send('Emulation.setEmulatedMedia', { media: 'print', features })
    // A4 with margins of 2 cm, in CSS pixels.
    await page.setViewport({ width: 643, height: 900 })
    await page.goto(pathToFileURL(file).href)
    const found = await page.evaluate(() => ({
      folds: document.querySelectorAll('details:not([open])').length,
      hidden: [...document.querySelectorAll('main *, header *')]
        .filter((element) => element.closest('nav, .points, svg, style') === null && !element.checkVisibility())
        .map((element) => element.outerHTML.slice(0, 120)),
      // What scrolls on a screen is whole on paper.
      cut: [...document.querySelectorAll('.scroll, pre, .name')]
        .filter(
          (element) => element.scrollWidth > element.clientWidth + 1 || element.scrollHeight > element.clientHeight + 1,
        )
        .map((element) => element.outerHTML.slice(0, 120)),
      colours: [getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color],
    }))
    t.deepEqual(found.hidden, [], file)
    t.deepEqual(found.cut, [], file)
    t.deepEqual(await page.evaluate(overflowing, 'nav'), [], file)
    t.deepEqual(found.colours, ['rgb(255, 255, 255)', 'rgb(0, 0, 0)'], file)
    if (!/(comparison|found|compared)\.html$/.test(file)) t.true(found.folds > 0, file)
    await page.close()
  }
})

for (const [name, open, maps] of [
  [
    'a report',
    async (t: ExecutionContext) =>
      join((await judgedRuns(await temporary(t), (await characters()).test))[0], 'report.html'),
    ['pca', 'umap'],
  ],
  [
    'a page of two models',
    async (t: ExecutionContext) => modelsPage(await temporary(t), (await characters()).test),
    ['pca', 'pca-2', 'umap', 'umap-2'],
  ],
] as const)
  browserTest(`in Chromium, ${name}: every plot and every point of a map is reached by keyboard`, async (t) => {
    const [file, browser] = [await open(t), await browse(t)]
    const page = await browser.newPage()
    await page.goto(pathToFileURL(file).href)
    const plots = await page.$$eval('figure.plot svg', (all) =>
      all.filter((svg) => svg.checkVisibility()).map((svg) => svg.getAttribute('aria-label') ?? ''),
    )
    const groups = new Set<string>()
    const stops = new Set<string>()
    for (let i = 0; i < 150; i++) {
      await page.keyboard.press('Tab')
      const at = await page.evaluate(() => {
        const element = document.activeElement
        if (element instanceof HTMLInputElement) return { radio: element.name, plot: '' }
        return { radio: '', plot: (element instanceof SVGElement && element.getAttribute('aria-label')) || '' }
      })
      if (at.plot !== '') stops.add(at.plot)
      if (at.radio !== '' && !groups.has(at.radio)) {
        groups.add(at.radio)
        const shown = () =>
          page.$$eval('.points .tip', (tips) =>
            tips
              .filter((tip) => tip.checkVisibility())
              .map((tip) => tip.parentElement?.querySelector('input')?.ariaLabel),
          )
        const before = await shown()
        await page.keyboard.press('ArrowRight')
        const after = await shown()
        t.notDeepEqual(after, before)
        t.true(
          after.every((label) => typeof label === 'string' && /character\d+|alphabet/.test(label)),
          String(after),
        )
      }
    }
    t.deepEqual([...groups], [...maps])
    t.true(plots.length > 10 && plots.every((alternative) => alternative.length > 20))
    t.deepEqual(stops, new Set(plots))
  })
