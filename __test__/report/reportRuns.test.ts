import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { parseHTML } from 'linkedom'
import type { EvaluationResult } from '../../src/protocols/result.js'
import { judgeRun } from '../../src/report/judgeRun.js'
import { planDifferences } from '../../src/report/planDifferences.js'
import { reportRuns } from '../../src/report/reportRuns.js'
import type { JudgedRun } from '../../src/report/runRecord.js'
import { npair } from '../cli/npair.js'
import { noisyEmbedder } from '../protocols/labelledData.js'
import { characters, refused, temporary, trainTiny } from '../train/tinyRun.js'
import { faults } from './faults.js'

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
  t.deepEqual(faults(html), [])
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

test('a damaged record is named, whichever it is', async (t) => {
  const run = join(await temporary(t), 'run')
  const { test: data } = await characters()
  await trainTiny(run, { test: data })
  await judgeRun(run, noisyEmbedder(1), data)
  for (const [name, ...contents] of [
    ['config.json', '', '[]', 'null'],
    ['environment.json', '{"a"', 'null', '"x"'],
    ['metrics.jsonl', '{"step"\n', 'null\n'],
    ['results.json', '[null]', '[{}]', '{}', '7'],
    ['report.json', 'null', '[]', '{"version":1,"baseline":3}'],
  ] as const) {
    const whole = await readFile(join(run, name))
    for (const content of contents) {
      await writeFile(join(run, name), content)
      const error = await refused(t, () => reportRuns([run]), 'CHECKPOINT_CORRUPT')
      t.true(error.message.includes(join(run, name)), error.message)
    }
    await writeFile(join(run, name), whole)
  }
  await reportRuns([run])
})

test('a figure that was none is a gap in every plot and n/a in every table, never 0', async (t) => {
  const folder = await temporary(t)
  const { test: data } = await characters()
  const runs = ['a', 'b'].map((name) => join(folder, name)) as [string, string]
  for (const run of runs) {
    const validation = { every: 3, protocol: { type: 'retrieval', bootstrap: 0 } } as const
    await trainTiny(run, { validationData: data, validation })
    await judgeRun(run, noisyEmbedder(1), data)
    const log = await readFile(join(run, 'metrics.jsonl'), 'utf8')
    const lines = log.split('\n').map((line) => {
      if (!line.includes('"validation"') || !line.startsWith('{"step":6,')) return line
      const parsed = JSON.parse(line)
      parsed.validation.figures['recall@1'].value = null
      return JSON.stringify(parsed)
    })
    await writeFile(join(run, 'metrics.jsonl'), lines.join('\n'))
    const results = JSON.parse(await readFile(join(run, 'results.json'), 'utf8'))
    for (const result of results) {
      result.figures[result.headline].value = null
      delete result.figures[result.headline].interval
    }
    await writeFile(join(run, 'results.json'), JSON.stringify(results))
  }
  const plots = async (path: string, title: string) => {
    const { document } = parseHTML(await readFile(path, 'utf8'))
    const figures = [...document.querySelectorAll('figure')]
    return figures.filter((figure) => figure.querySelector('h3')?.textContent === title)
  }
  const [history] = await plots(await reportRuns([runs[0]]), 'Validation: Recall@1')
  // Four validations, of which one is none: the line is in two, and there are three points.
  t.is(history?.querySelectorAll('circle').length, 3 + 1, 'and the ring around the one that is kept')
  t.is(
    history?.querySelector('path[stroke-width="2"], g[stroke-width="2"] path')?.getAttribute('d')?.match(/M/g)?.length,
    2,
  )
  const page = join(folder, 'page.html')
  await reportRuns(runs, page)
  const [interval] = await plots(page, 'Recall@1')
  t.is(interval?.querySelectorAll('circle').length, 0)
  const [curves] = await plots(page, 'Validation: Recall@1')
  t.is(curves?.querySelector('g[stroke-width="1.75"] path')?.getAttribute('d')?.match(/M/g)?.length, 2)
  const { document } = parseHTML(await readFile(page, 'utf8'))
  const row = [...document.querySelectorAll('tr')].find((line) => line.querySelector('th')?.textContent === 'Recall@1')
  t.deepEqual(
    [...(row?.querySelectorAll('td') ?? [])].map((cell) => cell.textContent),
    ['n/a', 'n/a'],
  )
})

test('plans are compared whole, however long a value is', (t) => {
  const names = Array.from({ length: 60 }, (_, i) => `class ${i}`)
  const run = (test: string[]): JudgedRun => ({
    ...{ name: `${test.length}${test.at(-1)}`, results: [] },
    run: {
      name: 'run',
      config: { data: { parts: [{ test }] }, seed: 1 },
      environment: {},
      steps: [],
      validations: [],
      rollbacks: [],
    },
  })
  const page = planDifferences([run(names), run([...names.slice(0, -1), 'class x'])]).text
  t.regex(page, /data\.parts/)
  t.regex(page, /… \(\d+ characters\)/)
  t.regex(planDifferences([run(names), run(names)]).text, /are the same/)
})
