import { createHash } from 'node:crypto'
import { truncateSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import type { GuardOptions } from '../../src/config/guard.js'
import { losses } from '../../src/index.js'
import type { Custom, CustomOptions } from '../../src/losses/custom.js'
import { createSampler } from '../../src/sampling/create.js'
import { checkpointFolder, listCheckpoints } from '../../src/train/checkpoint.js'
import type { Notice } from '../../src/train/notice.js'
import { type ResumeHooks, resume, type TrainInput } from '../../src/train/train.js'
import { characters, outcome, refused, temporary, timeless, trainTiny } from './tinyRun.js'

/** No step looks diverged to it. */
const calm = { maxCosine: 1, maxNorm: 1e9, gradientSpike: 1e9, warmup: 0 }

const signs: [string, Partial<GuardOptions>, RegExp][] = [
  ['collapse', { maxCosine: -1 }, /^Step 5: the embeddings collapse, .* cosine of \S+ .*guard.maxCosine -1/],
  ['norm', { maxNorm: 1e-6 }, /^Step 5: the embeddings explode, with a mean norm of \S+ \(guard.maxNorm 0.000001\)/],
  [
    'gradientSpike',
    { gradientSpike: 1 + 1e-9, decay: 0 },
    /^Step \d+: the gradient explodes, to more than 1.000000001 times its running mean \(guard.gradientSpike\)/,
  ],
]
for (const [name, limit, message] of signs)
  test(`stopped by ${name}, the last checkpoint is whole`, async (t) => {
    const folder = join(await temporary(t), 'run')
    const guard = { onDivergence: 'stop' as const, ...calm, ...limit, warmup: 4 }
    const error = await refused(t, () => trainTiny(folder, { guard, checkpointEvery: 2 }), 'DIVERGED', message)
    t.regex(error.message, /\(loss \S+, gradient norm \S+, learning rate \S+\); the checkpoint of step \d+ is whole/)
    const step = Number(/^Step (\d+)/.exec(error.message)?.[1])
    t.is((await timeless(folder)).length, step - 1)
    t.is((await listCheckpoints(folder)).at(-1), step - 1 - ((step - 1) % 2))
    await refused(t, () => resume(folder), 'DIVERGED', message)
  })

test('a guard that sees nothing changes nothing', async (t) => {
  const folder = await temporary(t)
  const [plain, guarded] = [join(folder, 'plain'), join(folder, 'guarded')]
  await trainTiny(plain)
  const run = await trainTiny(guarded, { guard: { onDivergence: 'stop', ...calm } })
  t.is(((await outcome(guarded)) as { model: string }).model, ((await outcome(plain)) as { model: string }).model)
  for (const line of await timeless(guarded)) t.true('cosine' in line && Math.abs(line.cosine as number) <= 1)
  t.is(run.plan.guard?.mostSkipped, 20)
  t.true((await timeless(plain)).every((line) => !('cosine' in line)))
})

test('skipped steps are counted in the metrics, and change no weight', async (t) => {
  const folder = join(await temporary(t), 'run')
  const guard = { onDivergence: 'skip' as const, ...calm, gradientSpike: 1.05, decay: 0.5 }
  await trainTiny(folder, { guard })
  const lines = (await timeless(folder)) as { step: number; skipped: number; divergence?: string }[]
  t.is(lines.length, 12)
  let skipped = 0
  for (const line of lines) {
    if (line.divergence) skipped++
    t.is(line.skipped, skipped)
    t.true(line.divergence === undefined || line.divergence === 'gradientSpike')
  }
  t.true(skipped > 0 && skipped < 12, `${skipped}`)
  const state = JSON.parse(await readFile(join(checkpointFolder(folder, 12), 'state.json'), 'utf8'))
  t.is(state.skipped.count, skipped)
})

test('too many skipped in a row end the run, whatever blocks they were in', async (t) => {
  const folder = await temporary(t)
  const guard = { onDivergence: 'skip' as const, ...calm, maxNorm: 1e-6, warmup: 2, mostSkipped: 3 }
  for (const checkpointEvery of [1, 5]) {
    const run = join(folder, `${checkpointEvery}`)
    const message = /^Step 6: 4 steps in a row were skipped, this one because the embeddings explode/
    await refused(t, () => trainTiny(run, { guard, checkpointEvery }), 'DIVERGED', message)
    t.is((await timeless(run)).length, 6)
    await refused(t, () => resume(run), 'DIVERGED', message)
  }
})

/** Adam at 1e30 is lost after its first step; a factor makes 1e-3 of it. */
const reckless = { optimizer: { type: 'adam' as const, learningRate: 1e30 }, checkpointEvery: 5 }

test('rolled back, the run goes on from the last checkpoint with a lower rate', async (t) => {
  const folder = join(await temporary(t), 'run')
  const guard = { onDivergence: 'rollback' as const, ...calm, rateFactor: 1e-33 }
  const told: unknown[] = []
  const run = await trainTiny(folder, { ...reckless, guard, onProgress: ({ rollback }) => told.push(rollback) })
  t.is(run.last?.step, 12)
  t.deepEqual(
    told.filter((rollback) => rollback !== undefined),
    [{ from: 2, reason: 'notFinite', rateFactor: 1e-33 }],
  )
  const [first, ...lines] = (await timeless(folder)) as { step: number; learningRate: number; rollback?: object }[]
  t.deepEqual(first as object, { step: 0, rollback: { from: 2, reason: 'notFinite', rateFactor: 1e-33 } })
  t.deepEqual(
    lines.map(({ step }) => step),
    Array.from({ length: 12 }, (_, i) => i + 1),
  )
  t.true(lines.every(({ learningRate }) => Math.abs(learningRate / 1e-3 - 1) < 1e-9))
  const state = JSON.parse(await readFile(join(checkpointFolder(folder, 12), 'state.json'), 'utf8'))
  t.is(state.rollbacks, 1)
})

test('a run that went back and was stopped ends as one that was not stopped', async (t) => {
  const folder = await temporary(t)
  const guard = { onDivergence: 'rollback' as const, ...calm, rateFactor: 1e-33 }
  const [whole, stopped] = [join(folder, 'whole'), join(folder, 'stopped')]
  await trainTiny(whole, { ...reckless, guard })
  const controller = new AbortController()
  const hooks = {
    signal: controller.signal,
    onProgress: ({ step }: { step: number }) => step >= 5 && controller.abort(),
  }
  await refused(t, () => trainTiny(stopped, { ...reckless, guard, ...hooks } as never), 'ABORTED')
  await (await resume(stopped)).model.close()
  t.deepEqual(await outcome(stopped), await outcome(whole))
})

test('the run ends when it may go back no more', async (t) => {
  const folder = join(await temporary(t), 'run')
  const guard = { onDivergence: 'rollback' as const, ...calm, retries: 2, rateFactor: 0.5 }
  await refused(
    t,
    () => trainTiny(folder, { ...reckless, guard }),
    'NON_FINITE',
    /^Step 2: \(gone back 2 times before\) .* is not finite/,
  )
  const lines = (await timeless(folder)) as { step: number; rollback?: { rateFactor: number } }[]
  t.deepEqual(
    lines.flatMap(({ rollback }) => rollback?.rateFactor ?? []),
    [0.5, 0.25],
  )
})

test('a step that is not finite is skipped, too, until there are too many', async (t) => {
  const folder = join(await temporary(t), 'run')
  const guard = { onDivergence: 'skip' as const, ...calm, mostSkipped: 2 }
  await refused(
    t,
    () => trainTiny(folder, { ...reckless, guard }),
    'NON_FINITE',
    /^Step 4: 3 steps in a row were skipped, this one because the loss or the gradient is not finite/,
  )
})

/** A loss of one's own that is not finite at step 18, so many times; with it come blocks of one step. */
async function ailing(times: number): Promise<Pick<TrainInput, 'sampler'> & { loss: Custom }> {
  const { train: data } = await characters()
  const pairs = createSampler(data, { pairs: 4 }, 5)
  const native = losses.nPairMc()
  let [step, left] = [0, times]
  const batch = (number: number) => {
    step = number + 1
    return pairs.batch(number)
  }
  const compute: CustomOptions['compute'] = async (embeddings, labels) => {
    const value = await native.compute(embeddings, labels)
    return step === 18 && left-- > 0 ? { ...value, loss: Number.NaN } : value
  }
  return { sampler: { ...pairs, batch }, loss: losses.custom({ compute }) }
}

for (const pass of [1, 2])
  test(`stopped at step 13 after ${pass - 1} returns, it goes back as if it had not been stopped`, async (t) => {
    const folder = await temporary(t)
    const guard = { onDivergence: 'rollback' as const, ...calm, retries: 2 }
    const options = { steps: 24, checkpointEvery: 10, keepCheckpoints: 1, guard }
    const [whole, stopped] = [join(folder, 'whole'), join(folder, 'stopped')]
    await trainTiny(whole, { ...options, ...(await ailing(2)) })
    const controller = new AbortController()
    let passes = 0
    const onProgress = ({ step }: { step: number }) => {
      if (step === 13 && ++passes === pass) controller.abort()
    }
    const own = await ailing(2)
    const hooks = { onProgress, signal: controller.signal }
    await refused(t, () => trainTiny(stopped, { ...options, ...own, ...hooks }), 'ABORTED')
    t.deepEqual(await listCheckpoints(stopped), [10, 13])
    await (await resume(stopped, own as ResumeHooks)).model.close()
    t.deepEqual(await outcome(stopped, 24), await outcome(whole, 24))
    t.deepEqual(await listCheckpoints(stopped), await listCheckpoints(whole))
    const returns = (await timeless(whole)).flatMap((line) => ('rollback' in line ? [line] : []))
    t.deepEqual(
      returns.map((line) => (line as { step?: number }).step),
      [10, 10],
    )
  })

/** Makes the checkpoint of a step what npair wrote before format 2, which named the plan otherwise. */
async function asFormat1(run: string, step: number): Promise<void> {
  const path = join(checkpointFolder(run, step), 'state.json')
  const { checksum: _, ...state } = JSON.parse(await readFile(path, 'utf8'))
  const plan = JSON.parse(await readFile(join(run, 'config.json'), 'utf8'))
  const { threads: __, npair: ___, checkpointEvery: ____, keepCheckpoints: _____, ...computed } = plan
  const hash = createHash('sha256').update(JSON.stringify(computed)).digest('hex')
  await writeFile(path, JSON.stringify({ ...state, format: 1, plan: hash }))
}

for (const [kept, to] of [
  [
    [10, 13],
    [10, 10],
  ],
  // On its way it makes the one that was missing.
  [
    [0, 13],
    [0, 10],
  ],
  [[13], [13, 13]],
] as const)
  test(`a run of an npair before format 2, of which [${kept}] are there, goes back to ${to.join(', ')}`, async (t) => {
    const folder = join(await temporary(t), 'run')
    const guard = { onDivergence: 'rollback' as const, ...calm, retries: 2 }
    const options = { steps: 24, checkpointEvery: 10, keepCheckpoints: 3, guard }
    const controller = new AbortController()
    const onProgress = ({ step }: { step: number }) => step === 13 && controller.abort()
    const own = await ailing(2)
    const hooks = { onProgress, signal: controller.signal }
    await refused(t, () => trainTiny(folder, { ...options, ...own, ...hooks } as never), 'ABORTED')
    for (const step of await listCheckpoints(folder))
      if ((kept as readonly number[]).includes(step)) await asFormat1(folder, step)
      else await rm(checkpointFolder(folder, step), { recursive: true })
    await (await resume(folder, own as ResumeHooks)).model.close()
    const lines = (await timeless(folder)) as { step: number; rollback?: object }[]
    t.deepEqual(
      lines.flatMap(({ step, rollback }) => (rollback ? [step] : [])),
      [...to],
    )
    t.deepEqual(
      lines.flatMap(({ step, rollback }) => (rollback ? [] : [step])),
      Array.from({ length: 24 }, (_, i) => i + 1),
    )
  })

test('a return that a checkpoint tells of is told once, where the one before it is gone', async (t) => {
  const folder = join(await temporary(t), 'run')
  const guard = { onDivergence: 'rollback' as const, ...calm, retries: 2 }
  const options = { steps: 24, checkpointEvery: 10, keepCheckpoints: 1, guard }
  const controller = new AbortController()
  let passes = 0
  const onProgress = ({ step }: { step: number }) => step === 13 && ++passes === 2 && controller.abort()
  const own = await ailing(2)
  const hooks = { onProgress, signal: controller.signal }
  await refused(t, () => trainTiny(folder, { ...options, ...own, ...hooks } as never), 'ABORTED')
  await rm(checkpointFolder(folder, 10), { recursive: true })
  await (await resume(folder, own as ResumeHooks)).model.close()
  const lines = (await timeless(folder)) as { step: number; rollback?: object }[]
  t.deepEqual(
    lines.flatMap(({ step, rollback }) => (rollback ? [step] : [])),
    [10, 13],
  )
})

test('a checkpoint to go back to that is damaged is set aside, said, and the one before it serves; no return is forgotten', async (t) => {
  const folder = join(await temporary(t), 'run')
  const guard = { onDivergence: 'rollback' as const, ...calm, retries: 3 }
  const options = { steps: 24, checkpointEvery: 5, keepCheckpoints: 9, guard }
  const told: Notice[] = []
  let passes = 0
  const onProgress = ({ step }: { step: number }) => {
    // Back at 15 once already, and now about to go back again.
    if (step === 17 && ++passes === 2) truncateSync(join(checkpointFolder(folder, 15), 'weights.safetensors'), 100)
  }
  const hooks = { onProgress, onNotice: (notice: Notice) => told.push(notice) }
  const run = await trainTiny(folder, { ...options, ...(await ailing(3)), ...hooks })
  t.is(run.last?.step, 24)
  t.deepEqual(
    told.map(({ code }) => code),
    ['CHECKPOINT_DAMAGED'],
  )
  t.regex(told[0]?.message ?? '', /goes on from step 10: the checkpoint of step 15 is damaged .*step-000015.damaged/)
  const lines = (await timeless(folder)) as { step: number; rollback?: object }[]
  t.deepEqual(
    lines.flatMap(({ step, rollback }) => (rollback ? [step] : [])),
    // The first return, to step 15, is told although its place in the metrics is gone.
    [15, 10, 15],
  )
  t.deepEqual(
    lines.flatMap(({ step, rollback }) => (rollback ? [] : [step])),
    Array.from({ length: 24 }, (_, i) => i + 1),
  )
})

test('where every checkpoint to go back to is damaged, the run ends and names them', async (t) => {
  const folder = join(await temporary(t), 'run')
  const guard = { onDivergence: 'rollback' as const, ...calm, retries: 3 }
  const onProgress = ({ step }: { step: number }) => {
    if (step === 17)
      for (const step of [0, 10]) truncateSync(join(checkpointFolder(folder, step), 'weights.safetensors'), 100)
  }
  const options = { steps: 24, checkpointEvery: 10, keepCheckpoints: 9, guard, onProgress }
  await refused(
    t,
    async () => trainTiny(folder, { ...options, ...(await ailing(1)) }),
    'CHECKPOINT_CORRUPT',
    /step-000010/,
  )
})

test('what mining or a judgement finds not finite is for the guard, too', async (t) => {
  const folder = await temporary(t)
  const { test: validationData } = await characters()
  const guard = { onDivergence: 'rollback' as const, ...calm, rateFactor: 1e-33 }
  const mining = { type: 'hardNegativeClasses' as const, candidates: 8 }
  const looks: [string, object, number, RegExp][] = [
    [
      'judged',
      { validationData, validation: { every: 1, protocol: { type: 'retrieval' } } },
      1,
      /^Step 1: The embedding of \S+ holds a number that is not finite \(learning rate 1e\+30\); there is no checkpoint yet/,
    ],
    [
      'mined',
      { batch: { pairs: 4, mining } },
      2,
      /^Step 2: embeddings of candidate classes are not finite \(learning rate 1e\+30\); there is no checkpoint yet/,
    ],
  ]
  for (const [name, change, from, message] of looks) {
    await refused(t, () => trainTiny(join(folder, `${name} alone`), { ...reckless, ...change }), 'NON_FINITE', message)
    const told: unknown[] = []
    const onProgress = ({ rollback }: { rollback?: unknown }) => rollback !== undefined && told.push(rollback)
    const run = await trainTiny(join(folder, name), { ...reckless, ...change, guard, onProgress } as never)
    t.deepEqual(told, [{ from, reason: 'notFinite', rateFactor: 1e-33 }], name)
    t.is(run.last?.step, 12)
  }
})
