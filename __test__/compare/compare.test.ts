import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { checkCompareConfig } from '../../src/compare/compareConfig.js'
import type { ComparisonSummary } from '../../src/compare/summary.js'
import { compare } from '../../src/report/compare.js'
import { readMetrics, type ValidationMetrics } from '../../src/train/metricsLog.js'
import { npair, started } from '../cli/npair.js'
import { contents, refused, temporary } from '../train/tinyRun.js'

/** A comparison of a second or two: the default characters, made once. */
const tiny = {
  data: { type: 'characters', size: 16, split: { by: 'superClass', test: ['alphabet01', 'alphabet02'] } },
  net: { type: 'conv4', width: 4, embeddingSize: 8 },
  ...{ batch: { pairs: 8 }, steps: 10, device: 'cpu', precision: 'float32', threads: 1 },
  validation: { protocol: { type: 'oneShot', ways: 5, episodes: 20, bootstrap: 0 } },
}

const judged = async (run: string) =>
  (await readMetrics(run)).filter((line): line is ValidationMetrics => 'validation' in line)

test.serial('every standard method is trained, judged and put together as its runs say', async (t) => {
  t.timeout(300_000)
  const output = join(await temporary(t), 'all')
  const begun: string[] = []
  const comparison = await checkCompareConfig({ ...tiny, compare: { seeds: [1, 2] } }, { output })
  const { text, summary } = await compare(comparison, { onRun: ({ folder }) => begun.push(folder) })
  t.deepEqual(
    begun,
    comparison.cells.map(({ folder }) => folder),
  )
  t.is(summary.methods.length, 11)

  // Mean, standard error and paired difference from the runs' own records, by hand.
  const last = async (method: string, seed: number) => {
    const line = (await judged(join(output, method, `seed-${seed}`))).at(-1)
    return line?.validation.figures[summary.headline]?.value as number
  }
  const [m1, m2] = [await last('8-pair-mc', 1), await last('8-pair-mc', 2)]
  for (const method of summary.methods) {
    const [a, b] = [await last(method.name, 1), await last(method.name, 2)]
    const found = method.figures[summary.headline]
    t.deepEqual(method.values, [a, b])
    t.true(Math.abs((found?.mean as number) - (a + b) / 2) < 1e-12)
    t.true(Math.abs((found?.standardError as number) - Math.abs(a - b) / 2) < 1e-12)
    if (method.name === '8-pair-mc') t.is(method.difference, undefined)
    else {
      t.true(Math.abs((method.difference?.mean as number) - (a - m1 + b - m2) / 2) < 1e-12)
      // An error: less is better.
      t.is(method.difference?.better, Number(a < m1) + Number(b < m2))
    }
    t.is(method.curve.at(-1)?.images, method.images)
    t.true((method.curve.at(-1)?.low as number) === Math.min(a, b))
    const share = method.largestSuperClass?.mean as number
    // 8 alphabets to train on: no batch has less of its largest.
    t.true(share >= 1 / 8 && share <= 1, `${method.name}: ${share}`)
  }
  const stored = JSON.parse(await readFile(join(output, 'comparison.json'), 'utf8'))
  t.deepEqual(stored, JSON.parse(JSON.stringify(summary)))
  const page = await readFile(join(output, 'comparison.html'), 'utf8')
  t.is(page.match(/<svg/g)?.length, 11)
  t.false(/NaN|undefined/.test(page))
  for (const { name } of summary.methods) {
    t.true(page.includes(`<th scope="row">${name}</th>`), name)
    t.regex(text, new RegExp(`^${name} +\\d+\\.\\d\\d % ± \\d+\\.\\d\\d`, 'm'))
  }

  // Again: nothing is trained, the result is the same.
  const before = await contents(output)
  const again = await compare(comparison, { onRun: () => t.fail('a finished run was run again') })
  t.deepEqual(again.summary, summary)
  t.deepEqual(await contents(output), before)

  // A seed more: only its runs. A run that is gone: only that one, to the same figures.
  const methods = ['softmax', '8-pair-mc']
  await rm(join(output, 'softmax/seed-1'), { recursive: true })
  begun.length = 0
  const more = await checkCompareConfig({ ...tiny, compare: { seeds: [1, 2, 3], methods } }, { output })
  const { summary: wider } = await compare(more, { onRun: ({ folder }) => begun.push(folder) })
  t.deepEqual(begun, ['softmax/seed-1', 'softmax/seed-3', '8-pair-mc/seed-3'])
  t.deepEqual(wider.methods[0]?.values.slice(0, 2), summary.methods[0]?.values as number[])

  // Runs of the same name that would be others are refused, and nothing is touched.
  const kept = await contents(output)
  const longer = await checkCompareConfig({ ...tiny, steps: 12, compare: { methods } }, { output })
  const error = await refused(t, () => compare(longer), 'OUTPUT_EXISTS')
  t.regex(error.message, /holds the run softmax\/seed-1 of another config/)
  t.deepEqual(await contents(output), kept)
})

test.serial('Ctrl-C says how to go on, and the same command ends as one that was never stopped', async (t) => {
  t.timeout(300_000)
  const folder = await temporary(t)
  const file = join(folder, 'config.json')
  const compare = { seeds: [1, 2], methods: ['triplet-nm', '8-pair-mc'] }
  await writeFile(file, JSON.stringify({ ...tiny, steps: 300, compare }))
  const [whole, output] = [join(folder, 'whole'), join(folder, 'stopped')]
  t.is((await npair('compare', file, '--output', whole)).code, 0)

  const first = started('compare', file, '--output', output)
  await first.says(/^triplet-nm\/seed-2: run 2 of 4[\s\S]*^step \d/m)
  first.child.kill('SIGINT')
  const { code, stderr } = await first.ended
  t.is(code, 130, stderr)
  t.regex(stderr, /Stopped with 1 of 4 runs of .* done; the same command again goes on from here \[ABORTED\]\n$/)
  t.true((await judged(join(output, 'triplet-nm/seed-2'))).at(-1)?.step !== 300)

  const second = await npair('compare', file, '--output', output)
  t.is(second.code, 0, second.stderr)
  t.regex(second.stderr, /^triplet-nm\/seed-2: run 2 of 4/)
  const read = async (from: string): Promise<ComparisonSummary> =>
    JSON.parse(await readFile(join(from, 'comparison.json'), 'utf8'))
  t.deepEqual(await read(output), await read(whole))
  t.true((await stat(join(output, 'comparison.html'))).size > 1000)
})

test.serial('a run that fails is named, and without a split nothing begins', async (t) => {
  const folder = await temporary(t)
  const optimizer = { type: 'adam', learningRate: 1e30 }
  const bad = await checkCompareConfig(
    { ...tiny, optimizer, compare: { methods: ['8-pair-mc'] } },
    { output: join(folder, 'bad') },
  )
  await refused(t, () => compare(bad), 'NON_FINITE', /^8-pair-mc\/seed-1: .* not finite/)
  const file = join(folder, 'config.json')
  await writeFile(file, JSON.stringify({ ...tiny, data: { type: 'characters', size: 16 }, validation: undefined }))
  const { code, stderr } = await npair('compare', file, '--output', join(folder, 'none'))
  t.is(code, 1)
  t.regex(stderr, /data\.split.*\[INVALID_OPTION\]/)
})
