import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { parseHTML } from 'linkedom'
import { mining } from '../../src/index.js'
import { writeReport } from '../../src/report/report.js'
import { stretches } from '../../src/report/stretches.js'
import { type MetricsLine, readMetrics, type StepMetrics } from '../../src/train/metricsLog.js'
import { characters, temporary, trainTiny } from '../train/tinyRun.js'

/** A step that says nothing but its number. */
const plain: Omit<StepMetrics, 'step'> = {
  ...{ loss: 1, l2: 0, norm: 1, gradientNorm: 1, learningRate: 1e-3, imagesPerSecond: 1, time: 0 },
}

/** The figures of a report's training section by their titles, and how large the page is. */
async function figures(run: string) {
  const page = await readFile(await writeReport(run), 'utf8')
  const { document } = parseHTML(page)
  const found = [...document.querySelectorAll('#training figure.plot')].map((figure) => {
    const texts = {
      caption: figure.querySelector('figcaption')?.textContent ?? '',
      alternative: figure.querySelector('svg')?.getAttribute('aria-label') ?? '',
    }
    return [figure.querySelector('h3')?.textContent ?? '', { ...texts, figure }] as const
  })
  return { by: new Map(found), bytes: page.length, page }
}
type Plotted = NonNullable<ReturnType<Awaited<ReturnType<typeof figures>>['by']['get']>>

/** Horizontal places of marks that are vertical lines, dashed or not. */
function lines({ figure }: Plotted, dashed: boolean): number[] {
  const groups = [...figure.querySelectorAll('g[aria-label="rule"]')].filter(
    (g) => g.hasAttribute('stroke-dasharray') === dashed,
  )
  return groups.flatMap((g) =>
    [...g.querySelectorAll('line')]
      .filter((line) => line.getAttribute('x1') === line.getAttribute('x2'))
      .map((line) => Number(line.getAttribute('x1'))),
  )
}
const ticks = (plotted: Plotted) => lines(plotted, false)
const returns = (plotted: Plotted) => lines(plotted, true)

/** Writes what a run folder has to hold for a report. */
async function record(t: ExecutionContext, metrics: readonly MetricsLine[], config: object = {}): Promise<string> {
  const run = join(await temporary(t), 'run')
  await mkdir(run)
  await writeFile(join(run, 'config.json'), JSON.stringify(config))
  await writeFile(join(run, 'metrics.jsonl'), metrics.map((line) => `${JSON.stringify(line)}\n`).join(''))
  return run
}

/** Steps 1 to n, each changed by `change`. */
const steps = (n: number, change: (step: number) => Partial<StepMetrics>): StepMetrics[] =>
  Array.from({ length: n }, (_, i) => ({ step: i + 1, ...plain, ...change(i + 1) }))

test('stretches hold every finite step once, with its mean, lowest and highest', (t) => {
  for (const n of [0, 1, 159, 160, 161, 321, 30_000]) {
    const all = steps(n, (step) => ({ loss: step % 7 === 3 ? Number.NaN : Math.sin(step) + step }))
    const finite = all.filter(({ loss }) => Number.isFinite(loss))
    const found = stretches(all, ({ loss }) => loss)
    t.true(found.length <= 160)
    let at = 0
    for (const { step, count, mean, low, high } of found) {
      const part = finite.slice(at, at + count)
      at += count
      const losses = part.map(({ loss }) => loss)
      t.is(step, ((part[0]?.step as number) + (part.at(-1)?.step as number)) / 2)
      t.true(Math.abs(mean - losses.reduce((a, b) => a + b) / losses.length) < 1e-9)
      t.deepEqual(
        [low, high],
        [losses.toSorted((a, b) => a - b)[0] as number, losses.toSorted((a, b) => b - a)[0] as number],
      )
    }
    t.is(at, finite.length)
  }
  t.deepEqual(
    stretches(
      steps(3, () => ({})),
      ({ cosine }) => cosine,
    ),
    [],
  )
})

test('a run with neither guard nor mining has nothing of them in its report', async (t) => {
  const { by } = await figures(
    await record(
      t,
      steps(5, () => ({})),
    ),
  )
  t.deepEqual([...by.keys()], ['Loss', 'Learning rate', 'Embedding norm', 'Gradient norm'])
  for (const plotted of by.values()) t.deepEqual([ticks(plotted), returns(plotted)], [[], []])
  for (const { caption } of by.values()) t.notRegex(caption, /Ticks|Vertical|Dotted/)
})

test('skipped steps are ticks at their steps: all of them on the loss, those of one sign where it is plotted', async (t) => {
  const reasons = { 3: 'notFinite', 5: 'gradientSpike', 6: 'gradientSpike', 8: 'norm', 9: 'collapse' } as const
  const metrics = steps(10, (step) => {
    const divergence = reasons[step as keyof typeof reasons]
    return { cosine: step / 20, ...(divergence && { divergence }), ...(step === 3 && { loss: Number.NaN }) }
  })
  const { by } = await figures(await record(t, metrics, { guard: { onDivergence: 'skip', maxCosine: 0.4 } }))
  const at = (title: string) => by.get(title) as Plotted
  // Steps 1 to 10 lie evenly between the margins.
  const places = (...all: number[]) => all.map((step) => 52 + ((440 - 52 - 16) * (step - 1)) / 9)
  const near = (found: number[], expected: number[], what: string) => {
    t.is(found.length, expected.length, what)
    for (const [i, x] of found.entries()) t.true(Math.abs(x - (expected[i] as number)) < 1, `${what}: ${x}`)
  }
  near(ticks(at('Loss')), places(3, 5, 6, 8, 9), 'loss')
  near(ticks(at('Learning rate')), [], 'rate')
  near(ticks(at('Embedding norm')), places(8), 'norm')
  near(ticks(at('Gradient norm')), places(5, 6), 'gradient')
  near(ticks(at('Cosine between classes')), places(9), 'cosine')
  t.regex(
    at('Loss').caption,
    /5 steps that the guard skipped \(gradient spike 2, not finite 1, embeddings too long 1, collapse 1\)\./,
  )
  t.regex(
    at('Gradient norm').alternative,
    /; 2 steps that the guard skipped \(gradient spike 2\), the first 5, the last 6$/,
  )
  t.regex(at('Embedding norm').caption, /1 step that the guard skipped/)
  t.regex(at('Cosine between classes').caption, /Dotted: its limit, guard\.maxCosine, 0\.4\./)
  t.regex(
    at('Cosine between classes').alternative,
    /over 10 steps: first 0\.05, lowest 0\.05, highest 0\.5, last 0\.5;/,
  )
  // The step that is not finite is none of the curve's, and nothing is said to be averaged for it.
  t.regex(at('Loss').alternative, /^Loss over 9 steps: /)
  t.notRegex(at('Loss').caption, /mean of/)
})

test('each checkpoint that the run went back to is a line', async (t) => {
  const rollback = (from: number, rateFactor: number) => ({ from, reason: 'collapse' as const, rateFactor })
  const metrics = [
    ...[{ step: 0, rollback: rollback(4, 0.5) }, ...steps(5, () => ({ cosine: 0.1 }))],
    ...[{ step: 5, rollback: rollback(9, 0.25) }, ...steps(10, () => ({ cosine: 0.1 })).slice(5)],
  ]
  const { by } = await figures(await record(t, metrics, { guard: { maxCosine: 1 } }))
  const found = ['Loss', 'Learning rate', 'Embedding norm', 'Gradient norm', 'Cosine between classes'].map(
    (title) => returns(by.get(title) as Plotted).length,
  )
  t.deepEqual(found, [2, 2, 0, 0, 2])
  const { caption, alternative } = by.get('Learning rate') as Plotted
  t.regex(caption, /checkpoints that the guard went back to \(2 times\)\.$/)
  t.regex(
    alternative,
    /; went back from step 4 to 0 \(collapse\), learning rate times 0\.5 from there on; from step 9 to 5 \(collapse\), learning rate times 0\.25 from there on$/,
  )
  t.notRegex(by.get('Cosine between classes')?.caption ?? '', /Dotted/)
})

test('a guarded run that mines: its own records, in numbers', async (t) => {
  const run = join(await temporary(t), 'run')
  const { test: data } = await characters()
  await trainTiny(run, {
    ...{ validationData: data, validation: { every: 3, protocol: { type: 'retrieval' } } },
    batch: { pairs: 4, mining: mining.hardNegativeClasses({ candidates: 8 }) },
    guard: { onDivergence: 'skip', maxCosine: 1, maxNorm: 1e9, gradientSpike: 1.05, decay: 0.5, warmup: 0 },
  })
  const written = (await readMetrics(run)) as (StepMetrics & { validation?: object; best?: boolean })[]
  const skipped = written.filter(({ divergence }) => divergence !== undefined)
  t.true(skipped.length > 0)
  const { by } = await figures(run)
  t.deepEqual([...by.keys()].slice(0, 8), [
    ...['Loss', 'Learning rate', 'Embedding norm', 'Gradient norm', 'Cosine between classes'],
    ...['Time spent on mining', 'Largest super-class', 'Validation: Recall@1'],
  ])
  t.is(ticks(by.get('Gradient norm') as Plotted).length, skipped.length)
  const told = (title: string) =>
    [...(by.get(title)?.alternative ?? '').matchAll(/(?:first|last) ([\d.]+)/g)].map((m) => Number(m[1]))
  const ends = (value: (line: StepMetrics) => number | undefined) => {
    const values = written.flatMap((line) => ('loss' in line ? [value(line) as number] : []))
    return [values[0], values.at(-1)].map((x) => Number((x as number).toPrecision(3)))
  }
  t.deepEqual(
    told('Time spent on mining'),
    ends((line) => 100 * (line.miningShare as number)),
  )
  t.deepEqual(
    told('Largest super-class'),
    ends((line) => 100 * (line.largestSuperClass as number)),
  )
  t.deepEqual(
    told('Cosine between classes'),
    ends((line) => line.cosine),
  )
  const kept = written.findLast(({ best }) => best)?.step
  t.regex(by.get('Validation: Recall@1')?.caption ?? '', new RegExp(`ring: the model that is kept, of step ${kept}\\.`))
})

test('a long run stays small: every step skipped that can be, as many validations as steps', async (t) => {
  const n = 20_000
  const figure = (name: string) => [
    name,
    {
      ...{ label: name, value: 0.5, unit: 'fraction', better: 'higher', definition: name },
      interval: { low: 0.4, high: 0.6, level: 0.95 },
    },
  ]
  const validation = {
    ...{ protocol: 'retrieval', headline: 'a', counts: {} },
    figures: Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map(figure)),
  }
  const metrics = steps(n, (step) => ({
    ...{ cosine: Math.sin(step), miningShare: 0.5, largestSuperClass: 0.5, loss: Math.cos(step) },
    ...(step % 2 === 0 && { divergence: 'gradientSpike' as const }),
  })).flatMap((line) => [line, { step: line.step, validation, best: line.step === 7 } as unknown as MetricsLine])
  const { by, bytes } = await figures(await record(t, metrics, { guard: {} }))
  t.true(ticks(by.get('Loss') as Plotted).length <= 160)
  t.regex(
    by.get('Loss')?.caption ?? '',
    /10,000 steps that the guard skipped \(gradient spike 10,000\), one tick for all within 125 steps\./,
  )
  t.regex(
    by.get('Validation: a')?.caption ?? '',
    /of step 7\. Band: its 95 % interval\. One of 167 validations is drawn\.$/,
  )
  t.is(by.get('Validation: a')?.figure.querySelectorAll('circle').length, 120 + 1)
  t.true(bytes < 500_000, `${bytes} bytes`)
  t.log(`${bytes} bytes`)
})
