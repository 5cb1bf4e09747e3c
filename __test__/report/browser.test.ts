/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import test, { type ExecutionContext } from 'ava'
import puppeteer, { type Browser } from 'puppeteer-core'
import type { Dataset } from '../../src/data/dataset.js'
import { mining } from '../../src/index.js'
import { identification } from '../../src/protocols/identification.js'
import { retrieval } from '../../src/protocols/retrieval.js'
import { verification } from '../../src/protocols/verification.js'
import { judgeRun } from '../../src/report/judgeRun.js'
import { reportModels } from '../../src/report/reportModels.js'
import { reportRuns } from '../../src/report/reportRuns.js'
import { noisyEmbedder } from '../protocols/labelledData.js'
import { characters, temporary, trainTiny } from '../train/tinyRun.js'

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

/** A run and its report, and a page that compares it with another. */
async function pages(t: ExecutionContext): Promise<string[]> {
  const folder = await temporary(t)
  const { test: data } = await characters()
  const runs = [join(folder, 'a'), join(folder, `b${'-with-a-long-name'.repeat(5)}`)]
  for (const [i, run] of runs.entries()) {
    await trainTiny(run, {
      test: data,
      validationData: data,
      validation: { every: 4, protocol: { type: 'retrieval' } },
      // One of them with everything that is plotted of training.
      ...(i === 0 && {
        batch: { pairs: 4, mining: mining.hardNegativeClasses({ candidates: 8 }) },
        guard: { onDivergence: 'skip', gradientSpike: 1.05, decay: 0.5, warmup: 0, maxCosine: 0.99999 },
      }),
    })
    await judgeRun(run, noisyEmbedder(1 + i), data)
  }
  const report = join(runs[0] as string, 'report.html')
  return [report, await reportRuns(runs, join(folder, 'compared.html')), await modelsPage(folder, data)]
}

/** A page of two models, one with a long name. */
async function modelsPage(folder: string, data: Dataset): Promise<string> {
  const page = join(folder, 'judged.html')
  const models = ['a', `b${'-with-a-long-name'.repeat(5)}`].map((name, i) => ({ name, embedder: noisyEmbedder(1 + i) }))
  const judging = [verification(data, { folds: 3 }), retrieval(data), identification(data)]
  await reportModels({ page, models, protocols: judging })
  return page
}

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
    const [files, browser] = [await pages(t), await browse(t)]
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
          const found = await page.evaluate(() => {
            for (const details of document.querySelectorAll('details')) details.open = true
            return {
              width: document.documentElement.scrollWidth,
              over: [...document.querySelectorAll('body *')]
                .filter(
                  (element) =>
                    // A function with a name would come with a helper of the compiler's that the browser lacks.
                    element.getBoundingClientRect().right > window.innerWidth + 1 &&
                    element.closest('.scroll, pre') === null,
                )
                .map((element) => element.outerHTML.slice(0, 120)),
              broken: [...document.images].filter((image) => image.naturalWidth === 0).length,
              colour: getComputedStyle(document.body).backgroundColor,
            }
          })
          const where = `${file} at ${width}, ${scheme}`
          t.deepEqual(found.over, [], where)
          t.true(found.width <= width, `${where}: ${found.width}`)
          t.is(found.broken, 0, where)
          t.is(found.colour, scheme === 'dark' ? 'rgb(20, 23, 26)' : 'rgb(253, 253, 251)', where)
          t.deepEqual(said, [], where)
          await page.close()
        }
  },
)

for (const [name, open, maps] of [
  ['a report', async (t: ExecutionContext) => (await pages(t))[0] as string, ['pca', 'umap']],
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
