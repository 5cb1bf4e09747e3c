import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { checkCompareConfig } from '../../src/compare/compareConfig.js'
import { atSamePace } from '../../src/compare/pace.js'
import type { ComparisonSummary } from '../../src/compare/summary.js'
import type { Batch } from '../../src/config/batch.js'
import { resolveOptimizer } from '../../src/config/optimizer.js'
import type { Schedule } from '../../src/config/schedule.js'
import { type CompareConfig, compare, losses, nets } from '../../src/index.js'
import { runComparison } from '../../src/report/compare.js'
import { readMetrics, type ValidationMetrics } from '../../src/train/metricsLog.js'
import { npair, started } from '../cli/npair.js'
import { writeClasses } from '../data/imageFiles.js'
import { faults } from '../report/faults.js'
import { contents, refused, temporary } from '../train/tinyRun.js'

/** A comparison of a second or two: the default characters, made once. */
const tiny = {
  data: { type: 'characters', size: 16, split: { by: 'superClass', test: ['alphabet01', 'alphabet02'] } },
  net: { type: 'conv4', width: 4, embeddingSize: 8 },
  ...{ batch: { pairs: 8 }, steps: 10, device: 'cpu', precision: 'float32', threads: 1 },
  validation: { protocol: { type: 'oneShot', ways: 5, episodes: 20, bootstrap: 0 } },
} as const satisfies CompareConfig

const judged = async (run: string) =>
  (await readMetrics(run)).filter((line): line is ValidationMetrics => 'validation' in line)

test.serial('every standard method is trained, judged and put together as its runs say', async (t) => {
  t.timeout(300_000)
  const output = join(await temporary(t), 'all')
  const begun: string[] = []
  const comparison = await checkCompareConfig({ ...tiny, compare: { seeds: [1, 2] } }, { output })
  const { text, summary } = await runComparison(comparison, { onRun: ({ folder }) => begun.push(folder) })
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
    t.deepEqual({ mean: method.mean, standardError: method.standardError }, found)
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
  t.deepEqual(faults(page), [])
  for (const { name } of summary.methods) {
    t.true(page.includes(`<th scope="row">${name}</th>`), name)
    t.regex(text, new RegExp(`^${name} +\\d+\\.\\d\\d % ± \\d+\\.\\d\\d`, 'm'))
  }

  // Again: nothing is trained, the result is the same.
  const before = await contents(output)
  const again = await runComparison(comparison, { onRun: () => t.fail('a finished run was run again') })
  t.deepEqual(again.summary, summary)
  t.deepEqual(await contents(output), before)

  // A seed more: only its runs. A run that is gone: only that one, to the same figures.
  const methods = ['softmax', '8-pair-mc']
  await rm(join(output, 'softmax/seed-1'), { recursive: true })
  begun.length = 0
  const more = await checkCompareConfig({ ...tiny, compare: { seeds: [1, 2, 3], methods } }, { output })
  const { summary: wider } = await runComparison(more, { onRun: ({ folder }) => begun.push(folder) })
  t.deepEqual(begun, ['softmax/seed-1', 'softmax/seed-3', '8-pair-mc/seed-3'])
  t.deepEqual(wider.methods[0]?.values.slice(0, 2), summary.methods[0]?.values as number[])

  // Runs of the same name that would be others are refused, and nothing is touched.
  const kept = await contents(output)
  const longer = await checkCompareConfig({ ...tiny, steps: 12, compare: { methods } }, { output })
  const error = await refused(t, () => runComparison(longer), 'OUTPUT_EXISTS')
  t.regex(error.message, /holds the run softmax\/seed-1 of another config/)
  t.deepEqual(await contents(output), kept)
})

test.serial(
  'compare takes what factories give, goes on where it was stopped, and returns what stands in comparison.json',
  async (t) => {
    t.timeout(300_000)
    const folder = await temporary(t)
    const config = {
      ...{ ...tiny, net: nets.conv4({ width: 4, embeddingSize: 8 }) },
      compare: {
        seeds: [3, 5],
        methods: [{ name: 'own', loss: losses.nPairMc({ l2: 0 }) }, '4x4-mc'],
        reference: 'own',
      },
    } satisfies CompareConfig
    const whole = await compare({ ...config, output: join(folder, 'whole') })
    t.like(whole, { seeds: [3, 5], reference: 'own', protocol: 'oneShot', headline: 'error' })
    t.deepEqual(
      whole.methods.map(({ name, batchClasses, steps, images }) => [name, batchClasses, steps, images]),
      [
        ['own', 8, 10, 160],
        ['4x4-mc', 4, 10, 160],
      ],
    )
    t.deepEqual(whole, JSON.parse(await readFile(join(folder, 'whole/comparison.json'), 'utf8')))

    const controller = new AbortController()
    const begun: string[] = []
    const onRun = ({ method, seed }: { method: string; seed: number }, done: number, total: number) => {
      begun.push(`${method} ${seed}: ${done} of ${total}`)
      if (done === 1) controller.abort()
    }
    const again = { ...config, output: join(folder, 'stopped') }
    await refused(t, () => compare(again, { onRun, signal: controller.signal }), 'ABORTED', /^Stopped with 1 of 4 runs/)
    let steps = 0
    const onProgress = () => {
      steps++
    }
    t.deepEqual(await compare(again, { onRun, onProgress }), whole)
    t.deepEqual(begun, ['own 3: 0 of 4', 'own 5: 1 of 4', 'own 5: 1 of 4', '4x4-mc 3: 2 of 4', '4x4-mc 5: 3 of 4'])
    t.true(steps >= 3)
  },
)

test.serial(
  'methods are compared by the figure that validation names, and not by one that its protocol does not give',
  async (t) => {
    const output = join(await temporary(t), 'figure')
    const protocol = { type: 'retrieval', at: [1, 4] } as const
    const grid = { seeds: [1, 2], methods: ['8-pair-mc', '8-pair-ovo'] }
    const asked = (figure: string) =>
      compare({ ...tiny, steps: 20, validation: { protocol, figure }, compare: grid, output })
    const wrong = await refused(
      t,
      () => asked('recall@2'),
      'INVALID_OPTION',
      /^Expected one of recall@1, recall@4, .*map@r/,
    )
    t.is(wrong.option, 'validation.figure')
    await t.throwsAsync(() => stat(output), undefined, 'a folder of runs that nobody can ask for again')

    const summary = await asked('map@r')
    t.is(summary.headline, 'map@r')
    const last = async (method: string, seed: number) => {
      const lines = await judged(join(output, method, `seed-${seed}`))
      // The model of a run is the best by that figure, too.
      const values = lines.map((line) => line.validation.figures['map@r']?.value as number)
      t.deepEqual(
        lines.map(({ best }) => best),
        values.map((value, i) => values.slice(0, i).every((earlier) => value > earlier)),
      )
      return values.at(-1) as number
    }
    for (const { name, values, mean, difference } of summary.methods) {
      const [a, b] = [await last(name, 1), await last(name, 2)]
      t.deepEqual(values, [a, b])
      t.is(mean, (a + b) / 2)
      const [m1, m2] = [await last('8-pair-mc', 1), await last('8-pair-mc', 2)]
      // Larger is better.
      if (name === '8-pair-ovo') t.is(difference?.better, Number(a > m1) + Number(b > m2))
    }
    t.regex(await readFile(join(output, 'comparison.html'), 'utf8'), /<h2>MAP@R<\/h2>/)
    await refused(t, () => asked('recall@4'), 'OUTPUT_EXISTS', /another config/)
  },
)

test('compare refuses what is no hook or no comparison before it writes anything', async (t) => {
  const output = join(await temporary(t), 'none')
  const wrong = async (change: object, hooks: object, option: string) => {
    const error = await refused(t, () => compare({ ...tiny, output, ...change }, hooks), 'INVALID_OPTION')
    t.is(error.option, option)
  }
  await wrong({}, { onRun: 3 }, 'onRun')
  await wrong({}, { signal: 'stop' }, 'signal')
  await wrong({ compare: { seeds: [1.5] } }, {}, 'compare.seeds[0]')
  await wrong({ net: { ...nets.conv4(), layers: [] } }, {}, 'net.layers')
  await wrong({ output: undefined }, {}, 'output')
  await t.throwsAsync(() => stat(output))
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
  await refused(t, () => runComparison(bad), 'NON_FINITE', /^8-pair-mc\/seed-1: .* not finite/)
  const file = join(folder, 'config.json')
  await writeFile(file, JSON.stringify({ ...tiny, data: { type: 'characters', size: 16 }, validation: undefined }))
  const { code, stderr } = await npair('compare', file, '--output', join(folder, 'none'))
  t.is(code, 1)
  t.regex(stderr, /data\.split.*\[INVALID_OPTION\]/)
})

test.serial('figures of runs on other images of the same path are not put beside new ones', async (t) => {
  const folder = await temporary(t)
  const path = join(folder, 'images')
  writeClasses(path, new Array<number>(24).fill(3))
  const data = { type: 'folder', path, size: 16, split: { by: 'class', test: 0.5 } }
  const grid = (seeds: number[]) => ({ ...tiny, data, steps: 2, compare: { seeds, methods: ['8-pair-mc'] } })
  const output = join(folder, 'runs')
  await runComparison(await checkCompareConfig(grid([1]), { output }))
  const before = await contents(output)
  writeClasses(path, new Array<number>(24).fill(4))
  for (const seeds of [[1], [1, 2]]) {
    const comparison = await checkCompareConfig(grid(seeds), { output })
    await refused(
      t,
      () => runComparison(comparison),
      'OUTPUT_EXISTS',
      /8-pair-mc\/seed-1 on other images: .* Name another/,
    )
  }
  t.deepEqual(await contents(output), before)
})

test.serial('what no run has is said before the first one, below the table and in comparison.json', async (t) => {
  const folder = await temporary(t)
  const file = join(folder, 'config.json')
  await writeFile(file, JSON.stringify({ ...tiny, steps: 2, seed: 9, compare: { seeds: [1], methods: ['8-pair-mc'] } }))
  const { code, stdout, stderr } = await npair('compare', file, '--output', join(folder, 'runs'))
  t.is(code, 0, stderr)
  const note = 'seed 9 was left out: the runs have those of compare.seeds (1).'
  t.true(stderr.startsWith(`npair: ${note}\n`), stderr)
  t.true(stdout.includes(`\n${note}\n`), stdout)
  t.deepEqual(JSON.parse(await readFile(join(folder, 'runs/comparison.json'), 'utf8')).notes, [note])
})

test.serial(
  'a comparison recorded with the margin that a smooth triplet never looked at is still the same',
  async (t) => {
    const output = join(await temporary(t), 'runs')
    const asked = { ...tiny, steps: 2, compare: { seeds: [1], methods: ['triplet'] } }
    await runComparison(await checkCompareConfig(asked, { output }))
    const path = join(output, 'compare.json')
    const record = JSON.parse(await readFile(path, 'utf8'))
    const { loss } = record.runs['triplet/seed-1'].train
    t.false('margin' in loss)
    const { type, form, ...rest } = loss
    record.runs['triplet/seed-1'].train.loss = { type, form, margin: 0.2, ...rest }
    await writeFile(path, JSON.stringify(record))
    const onRun = () => t.fail('a finished run was run again')
    await runComparison(await checkCompareConfig(asked, { output }), { onRun })
  },
)

test('a stretched schedule stays one: milestones rise, a warm-up is shorter than the run', (t) => {
  const batch = (pairs: number) => ({ type: 'pairs', pairs, smallClasses: 'drop' }) as unknown as Batch
  const paced = (steps: number, schedule: Schedule, pairs: number) => {
    const optimizer = { ...resolveOptimizer({ type: 'adam' }, schedule), schedule }
    const found = atSamePace({ batch: batch(4), steps, optimizer }, {}, batch(pairs))
    return [found.steps, found.optimizer.schedule]
  }
  const step = { type: 'step', factor: 0.1 } as const
  t.deepEqual(paced(10, { ...step, warmup: 0, milestones: [1, 2, 9] }, 8), [
    5,
    { ...step, warmup: 0, milestones: [1, 2, 5] },
  ])
  t.deepEqual(paced(10, { ...step, warmup: 0, milestones: [3, 6] }, 2), [
    20,
    { ...step, warmup: 0, milestones: [6, 12] },
  ])
  const cosine = { type: 'cosine', final: 0 } as const
  t.deepEqual(paced(3, { ...cosine, warmup: 2 }, 16), [1, { ...cosine, warmup: 0 }])
})
