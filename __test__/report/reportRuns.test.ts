import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { parseHTML } from 'linkedom'
import type { EvaluationResult } from '../../src/protocols/result.js'
import { judgeRun } from '../../src/report/judgeRun.js'
import { reportRuns } from '../../src/report/reportRuns.js'
import { npair } from '../cli/npair.js'
import { noisyEmbedder } from '../protocols/labelledData.js'
import { characters, refused, temporary, trainTiny } from '../train/tinyRun.js'

test('a report is made again from the run folder alone, to the very same page', async (t) => {
  const run = join(await temporary(t), 'run')
  const { test: data } = await characters()
  await trainTiny(run, { test: data })
  await judgeRun(run, noisyEmbedder(1), data)
  const path = join(run, 'report.html')
  const before = await readFile(path, 'utf8')
  for (const gone of ['report.html', 'model', 'checkpoints']) await rm(join(run, gone), { recursive: true })
  t.is(await reportRuns([run]), path)
  const after = await readFile(path, 'utf8')
  t.true(after === before)
  await refused(t, () => reportRuns([run], 'x.html'), 'INVALID_OPTION', /--output/)
  await writeFile(join(run, 'report.json'), '{"version":9}')
  await refused(t, () => reportRuns([run]), 'CHECKPOINT_CORRUPT', /report\.json.*version 1/)
  await writeFile(join(run, 'results.json'), '[{')
  await refused(t, () => reportRuns([run]), 'CHECKPOINT_CORRUPT', /results\.json.*JSON/)
})

test('several runs: every figure side by side, what plans differ in, curves; runs not judged alike are said to be', async (t) => {
  const folder = await temporary(t)
  const { test: data } = await characters()
  const runs = ['a', 'b', 'c'].map((name) => join(folder, name))
  for (const [i, run] of runs.entries()) {
    await trainTiny(run, {
      seed: 5 + i,
      validationData: data,
      validation: { every: 4, protocol: { type: 'retrieval' } },
    })
    // The last one is not judged.
    if (i < 2) await judgeRun(run, noisyEmbedder(0.5 + i), data)
  }
  const [a, b, c] = runs as [string, string, string]
  const page = join(folder, 'page.html')
  const { code, stdout } = await npair('report', a, b, c, '--output', page)
  t.is(code, 0)
  t.is(stdout, `report: ${page}\n`)
  const html = await readFile(page, 'utf8')
  t.notRegex(html, /<script|NaN|undefined/)
  const { document } = parseHTML(html)
  t.deepEqual(
    [...document.querySelectorAll('.runs li')].map((item) => item.textContent.trim()),
    ['a', 'b', 'c'],
  )
  const results = await Promise.all(
    [a, b].map(async (run) => JSON.parse(await readFile(join(run, 'results.json'), 'utf8')) as EvaluationResult[]),
  )
  const retrieval = results.map((of) => of.find(({ protocol }) => protocol === 'retrieval') as EvaluationResult)
  const row = [...document.querySelectorAll('tr')].find((line) => line.querySelector('th')?.textContent === 'Recall@1')
  const cells = [...(row?.querySelectorAll('td') ?? [])].map((cell) => cell.textContent)
  retrieval.forEach((result, i) => {
    const { value, interval } = result.figures['recall@1'] as EvaluationResult['figures'][string]
    const percent = (x: number | undefined) => (100 * (x as number)).toFixed(2)
    t.is(cells[i], `${percent(value)} % [${percent(interval?.low)}, ${percent(interval?.high)}]`)
  })
  t.is(cells[2], 'n/a')
  // The embeddings with less noise are the better ones.
  t.is(row?.querySelector('strong')?.textContent, cells[0])
  const plans = [...document.querySelectorAll('#plans tbody tr')].map((line) =>
    [...line.children].map((cell) => cell.textContent),
  )
  t.deepEqual(
    plans.find(([path]) => path === 'seed'),
    ['seed', '5', '6', '7'],
  )
  t.is(
    plans.find(([path]) => path === 'steps'),
    undefined,
  )
  const titles = [...document.querySelectorAll('#training h3')].map((title) => title.textContent)
  t.deepEqual(titles, ['Loss', 'Learning rate', 'Gradient norm', 'Validation: Recall@1'])
  const loss = document.querySelector('#training figure svg')
  t.is([...(loss?.querySelectorAll('[stroke-width="1.75"]') ?? [])].length, 3)
  t.is(document.querySelector('.warning'), null)

  const other = (results[1] as EvaluationResult[]).map((result) => ({ ...result, options: { other: true } }))
  await writeFile(join(b, 'results.json'), JSON.stringify(other))
  await reportRuns([a, b], page)
  t.regex(await readFile(page, 'utf8'), /Not judged alike:<\/strong> these results differ in options/)
  await refused(t, () => reportRuns([a, join(folder, 'a/')]), 'INVALID_OPTION', /different folders/)
  await refused(t, () => reportRuns([a, folder]), 'NOT_FOUND', /holds no run/)
})
