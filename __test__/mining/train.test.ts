import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import type { MinedForm } from '../../src/config/batch.js'
import { losses, mining } from '../../src/index.js'
import type { MiningContext } from '../../src/mining/custom.js'
import { pairs } from '../../src/sampling/pairs.js'
import { checkpointFolder, withChecksum } from '../../src/train/checkpoint.js'
import { readMetrics, type StepMetrics } from '../../src/train/metricsLog.js'
import type { TrainInput } from '../../src/train/train.js'
import {
  characters,
  copyOf,
  goOn,
  outcome,
  readTensors,
  refused,
  stopAt,
  temporary,
  trainTiny,
} from '../train/tinyRun.js'

const mined = (options: Partial<mining.HardNegativeClassesOptions> = {}) => ({
  batch: { pairs: 4, mining: mining.hardNegativeClasses({ candidates: 8, ...options }) },
})
const balanced = { type: 'classBalanced', classes: 3, imagesPerClass: 3 } as const

const runs: [string, Partial<TrainInput>, number[]][] = [
  ['embed', mined(), [1, 6]],
  ['embed, every 5 steps', mined({ every: 5, score: 'max' }), [3, 5, 11]],
  ['running', mined({ refresh: 'running' }), [1, 6]],
  ['running, every 4 steps', mined({ refresh: 'running', every: 4, decay: 0.8 }), [2, 4, 9]],
  [
    'running, two batches a step, an average, a guard that skips',
    {
      batch: {
        ...balanced,
        accumulate: 2,
        mining: mining.hardNegativeClasses({ candidates: 6, refresh: 'running', every: 3 }),
      },
      loss: losses.supCon(),
      ema: { decay: 0.5 },
      guard: { onDivergence: 'skip', gradientSpike: 1.01, warmup: 1 },
    },
    [4],
  ],
  ['a loss of one’s own', { ...mined({ refresh: 'running', every: 2 }), loss: ownLoss() }, [3]],
]

function ownLoss() {
  const native = losses.nPairMc()
  return losses.custom({ compute: (embeddings, labels) => native.compute(embeddings, labels) })
}

for (const [name, change, stops] of runs)
  test.serial(`${name}: stopped anywhere and resumed to the very bits`, async (t) => {
    const folder = await temporary(t)
    await trainTiny(join(folder, 'whole'), change)
    for (const stop of stops) {
      await stopAt(t, stop, join(folder, `${stop}`), change)
      await goOn(join(folder, `${stop}`), change.loss?.type === 'custom' ? { loss: change.loss } : {})
      t.deepEqual(await outcome(join(folder, `${stop}`)), await outcome(join(folder, 'whole')), `stopped at ${stop}`)
    }
  })

test.serial(
  'mining changes what is trained on, and says what it costs and whether one alphabet fills the batches',
  async (t) => {
    const folder = await temporary(t)
    await trainTiny(join(folder, 'plain'))
    await trainTiny(join(folder, 'mined'), mined())
    t.notDeepEqual(await outcome(join(folder, 'mined')), await outcome(join(folder, 'plain')))
    const steps = (await readMetrics(join(folder, 'mined'))) as StepMetrics[]
    t.is(steps.length, 12)
    for (const { miningShare = -1, largestSuperClass = -1 } of steps) {
      t.true(miningShare > 0 && miningShare < 1)
      // Two alphabets, four classes.
      t.true([0.5, 0.75, 1].includes(largestSuperClass))
    }
    t.false((await readMetrics(join(folder, 'plain'))).some((line) => 'miningShare' in line))
    const config = JSON.parse(await readFile(join(folder, 'mined/config.json'), 'utf8'))
    t.deepEqual(config.batch.mining, {
      ...{
        type: 'hardNegativeClasses',
        candidates: 8,
        imagesPerClass: 2,
        score: 'hingeSum',
        refresh: 'embed',
        every: 1,
      },
    })
  },
)

test.serial('a block of steps ends where classes are mined anew', async (t) => {
  const folder = await temporary(t)
  const ends: number[] = []
  await trainTiny(join(folder, 'run'), {
    ...mined({ every: 5 }),
    checkpointEvery: 0,
    onProgress: ({ step }) => ends.push(step),
  })
  t.deepEqual(
    [5, 10, 12].filter((step) => !ends.includes(step)),
    [],
  )
})

test.serial('the triplet losses and all forms but tuplets take mined classes', async (t) => {
  const folder = await temporary(t)
  const cases: Partial<TrainInput>[] = [
    { ...mined(), loss: losses.triplet({ form: 'smooth' }) },
    { ...mined(), loss: losses.nPairOvo() },
    {
      batch: { ...balanced, mining: { type: 'hardNegativeClasses', candidates: 5, score: 'count' } },
      loss: losses.triplet({ triplets: 'hard' }),
    },
    // Fewer candidates than classes in a batch.
    mined({ candidates: 2, imagesPerClass: 1, score: 'similarity' }),
  ]
  for (const [i, change] of cases.entries()) {
    const run = await trainTiny(join(folder, `${i}`), { ...change, steps: 4 })
    t.is(run.last?.step, 4)
  }
})

test.serial('a guard that goes back finds its mined classes again', async (t) => {
  const folder = await temporary(t)
  const native = losses.nPairMc()
  const run = async (name: string, breaksAt: number) => {
    let calls = 0
    const loss = losses.custom({
      compute: async (embeddings, labels) => {
        const value = await native.compute(embeddings, labels)
        return calls++ === breaksAt ? { ...value, loss: Number.NaN } : value
      },
    })
    const guard = { onDivergence: 'rollback', rateFactor: 1, maxCosine: 1 } as const
    await trainTiny(join(folder, name), { ...mined({ every: 5, refresh: 'running' }), loss, guard, checkpointEvery: 3 })
    const lines = await readMetrics(join(folder, name))
    const { files } = (await outcome(join(folder, name))) as { files: unknown }
    return { files, rollbacks: lines.flatMap((line) => ('rollback' in line ? [[line.step, line.rollback.from]] : [])) }
  }
  const [whole, broken] = [await run('whole', -1), await run('broken', 7)]
  t.deepEqual([whole.rollbacks, broken.rollbacks], [[], [[6, 8]]])
  t.deepEqual(broken.files, whole.files)
})

test.serial(
  'means of classes are in the checkpoint, and mined classes only where batches of them are left',
  async (t) => {
    const folder = await temporary(t)
    const change = { ...mined({ refresh: 'running', every: 4 }), checkpointEvery: 3, keepCheckpoints: 9 }
    await trainTiny(join(folder, 'run'), change)
    const { train: data } = await characters()
    const means = await readTensors(join(checkpointFolder(join(folder, 'run'), 3), 'mining.safetensors'))
    t.deepEqual(means.get('mining.means')?.shape, [data.classes.length, 8])
    t.true((means.get('mining.seen')?.values ?? []).some((seen) => seen === 1))
    const state = async (run: string, step: number) =>
      JSON.parse(await readFile(join(checkpointFolder(run, step), 'state.json'), 'utf8'))
    t.is((await state(join(folder, 'run'), 3)).mined.step, 0)
    t.is((await state(join(folder, 'run'), 6)).mined.classes.length, 4)
    t.is((await state(join(folder, 'run'), 12)).mined, undefined)
    // Without them the run cannot go on as it would have.
    const stopped = join(folder, 'stopped')
    await stopAt(t, 6, stopped, change)
    for (const mined of [undefined, { step: 4, classes: 'none' }, { step: 4, classes: [[0, 1, 2, 99], [], [], []] }]) {
      const damaged = await copyOf(t, stopped)
      const path = join(checkpointFolder(damaged, 6), 'state.json')
      const { checksum: _, mined: __, ...rest } = await state(damaged, 6)
      await writeFile(path, JSON.stringify(withChecksum({ ...rest, ...(mined && { mined }) })))
      await refused(t, () => goOn(damaged), 'CHECKPOINT_CORRUPT', /lacks the classes mined at step 4/)
    }
  },
)

test.serial('what cannot be mined is refused by name', async (t) => {
  const folder = join(await temporary(t), 'run')
  const run = (change: object) => trainTiny(folder, change as Partial<TrainInput>)
  const option = { type: 'hardNegativeClasses', candidates: 8 }
  const refusals: [object, RegExp][] = [
    [{ ...option, imagesPerClass: 1 }, /Expected 2 with score 'hingeSum', .* for batch.mining.imagesPerClass/],
    [{ ...option, candidates: 1 }, /Expected an integer >= 2 for batch.mining.candidates but received 1/],
    [{ ...option, score: 'hard' }, /Expected 'hingeSum' or 'max' or 'count' or 'similarity' for batch.mining.score/],
    [{ ...option, imagesPerClass: 3 }, /Expected 1 or 2 for batch.mining.imagesPerClass but received 3/],
    [{ ...option, every: 0 }, /Expected an integer >= 1 for batch.mining.every/],
    [{ ...option, decay: 0.5 }, /Expected nothing with refresh 'embed', .* for batch.mining.decay/],
    [{ ...option, candidate: 2 }, /Unknown option batch.mining.candidate: did you mean batch.mining.candidates/],
  ]
  for (const [options, message] of refusals)
    await refused(t, () => run({ batch: { pairs: 4, mining: options } }), 'INVALID_OPTION', message)
  const tuplets = { type: 'tuplets', tuplets: 2, negatives: 1, mining: option }
  await refused(t, () => run({ batch: tuplets }), 'INVALID_OPTION', /Unknown option batch.mining/)
  await refused(
    t,
    () => run({ batch: { pairs: 13, mining: option } }),
    'DATA_CLASSES',
    /batch.pairs asks for 13 classes/,
  )
  const sampler = { batch: () => new Int32Array(8) }
  await refused(t, () => run({ ...mined(), sampler }), 'INVALID_OPTION', /Expected no sampler: batch.mining/)
})

test('options of the factory are checked, and its plan is plain, frozen and complete', (t) => {
  const plan = mining.hardNegativeClasses({ candidates: 100, refresh: 'running' })
  const expected: MinedForm['mining'] = {
    ...{ type: 'hardNegativeClasses', candidates: 100, imagesPerClass: 2, score: 'hingeSum' },
    ...{ refresh: 'running', every: 1, decay: 0.5 },
  }
  t.deepEqual(plan, expected)
  t.true(Object.isFrozen(plan))
  t.deepEqual(mining.hardNegativeClasses(plan), plan)
  t.throws(() => mining.hardNegativeClasses({ candidates: 8, refresh: 'running', decay: 1 }), {
    message: /in \[0, 1\)/,
  })
  t.throws(() => mining.custom(3 as never), { message: /a function for batches/ })
})

/** Each pair of the class that looks most alike to a random one: a miner with all that the context gives. */
async function* nearest({ data, seed, first, embed, similarities }: MiningContext) {
  const classes = data.byClass()
  for (let batch = first; ; batch++) {
    const images = classes.map((positions) => data.images[positions[batch % positions.length] as number] as number)
    const rows = await embed(images)
    const alike = await similarities(rows.normalized())
    const query = (seed + batch) % classes.length
    const order = [...classes.keys()].sort(
      (a, b) => (alike[query * rows.count + b] as number) - (alike[query * rows.count + a] as number) || a - b,
    )
    const chosen = order.slice(0, 4)
    const image = (c: number, k: number) =>
      data.images[classes[c]?.[(batch + k) % (classes[c]?.length ?? 1)] as number] as number
    yield Int32Array.from([...chosen.map((c) => image(c, 0)), ...chosen.map((c) => image(c, 1))])
  }
}

test.serial(
  'a miner of one’s own sees the network of each step, and is resumed to the bit by giving it again',
  async (t) => {
    const folder = await temporary(t)
    const sampler = mining.custom(nearest)
    await trainTiny(join(folder, 'whole'), { sampler })
    await stopAt(t, 5, join(folder, 'stopped'), { sampler })
    await refused(t, () => goOn(join(folder, 'stopped')), 'INVALID_OPTION', /Expected a sampler/)
    await goOn(join(folder, 'stopped'), { sampler })
    t.deepEqual(await outcome(join(folder, 'stopped')), await outcome(join(folder, 'whole')))
    const [first] = (await readMetrics(join(folder, 'whole'))) as StepMetrics[]
    t.true((first?.miningShare ?? 0) > 0)
  },
)

test.serial('embedding candidates leaves the network as it was, running statistics and all', async (t) => {
  const folder = await temporary(t)
  await trainTiny(join(folder, 'plain'))
  const looks = mining.custom(async function* ({ data, seed, first, embed }) {
    const plain = pairs(data, { pairs: 4, seed })
    for (let step = first; ; step++) {
      const [one, other] = [await embed(data.images), await embed(data.images)]
      t.deepEqual(one.data, other.data)
      yield plain.batch(step)
    }
  })
  await trainTiny(join(folder, 'looking'), { sampler: looks })
  const files = async (name: string) => ((await outcome(join(folder, name))) as { files: unknown }).files
  t.deepEqual(await files('looking'), await files('plain'))
})

test.serial('what a miner of one’s own asks for in vain, or leaves open', async (t) => {
  const folder = await temporary(t)
  const run = (name: string, batches: mining.CustomMining['batches']) =>
    trainTiny(join(folder, name), { sampler: mining.custom(batches) })
  const asks = (work: (context: MiningContext) => Promise<unknown>) =>
    async function* (context: MiningContext) {
      await work(context)
      yield new Int32Array(8)
    }
  const refusals: [string, mining.CustomMining['batches'], RegExp][] = [
    ['a', asks(({ embed }) => embed([])), /a list of image ids for images/],
    ['b', asks(({ embed }) => embed([1.5])), /integers for images/],
    ['c', asks(({ embed }) => embed([1e6])), /there is no image 1000000/],
    ['d', asks(({ similarities }) => similarities([1] as never)), /Embeddings for rows/],
    ['e', () => [], /Expected batch 0 from the sampler but its iterator ended/],
    ['f', () => 3 as never, /to give an iterable for sampler/],
    ['g', () => [new Int32Array(3)], /an Int32Array of 8 image ids from sampler.batch\(0\)/],
  ]
  for (const [name, batches, message] of refusals) await refused(t, () => run(name, batches), 'INVALID_OPTION', message)
  let closed = false
  await trainTiny(join(folder, 'closed'), {
    sampler: mining.custom(async function* (context) {
      try {
        yield* nearest(context)
      } finally {
        closed = true
      }
    }),
  })
  t.true(closed)
})
