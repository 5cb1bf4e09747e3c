import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { datasets } from '../../src/data/datasets.js'
import { NPairError } from '../../src/errors.js'
import { BestModel } from '../../src/train/bestModel.js'
import { checkpointFolder, listCheckpoints } from '../../src/train/checkpoint.js'
import { resume, type TrainInput } from '../../src/train/train.js'
import { outcome, refused, temporary, trainTiny } from './tinyRun.js'

// Counted here, so that none of these tests may run beside another.
const { judge } = BestModel.prototype
let begun: () => void = () => {}
let stopped = 0
BestModel.prototype.judge = async function (...what) {
  begun()
  return judge.apply(this, what).catch((error: unknown) => {
    if (error instanceof NPairError && error.code === 'ABORTED') stopped++
    throw error
  })
}
test.afterEach.always(() => {
  begun = () => {}
})

/** Judged on 320 images, which go through the network in two or three parts. */
async function judged(change: Partial<TrainInput> = {}): Promise<Partial<TrainInput>> {
  const validationData = await datasets.characters({ alphabets: 2, characters: 16, drawings: 10, seed: 4 })
  return { validationData, validation: { every: 3, protocol: { type: 'retrieval' } }, ...change }
}

/** A signal that is aborted from its `last`th look on. */
function abortedAfter(last: number): AbortSignal {
  const { signal } = new AbortController()
  let looks = 0
  Object.defineProperty(signal, 'aborted', { get: () => ++looks > last })
  return signal
}

const goOn = async (run: string, hooks: Parameters<typeof resume>[1] = {}) => {
  const { model, ...rest } = await resume(run, hooks)
  await model.close()
  return rest
}

const isUnjudged = async (run: string, step: number) =>
  JSON.parse(await readFile(join(checkpointFolder(run, step), 'state.json'), 'utf8')).unjudged === true

test.serial('stopped at any look at the signal, a run goes on to the same bits', async (t) => {
  const folder = await temporary(t)
  const whole = join(folder, 'whole')
  // A checkpoint at every step makes blocks of one.
  const options = await judged({ checkpointEvery: 1, steps: 4 })
  const { best } = await trainTiny(whole, options)
  let [unjudged, looks] = [0, 0]
  for (; ; looks++) {
    const run = join(folder, `${looks}`)
    const end = await trainTiny(run, { ...options, signal: abortedAfter(looks) }).catch((error: unknown) => error)
    if (!(end instanceof NPairError)) break
    t.is(end.code, 'ABORTED')
    const step = (await listCheckpoints(run)).at(-1) as number
    t.regex(end.message, new RegExp(`after step ${step} of 4`))
    if (await isUnjudged(run, step)) unjudged++
    const told: number[] = []
    t.deepEqual((await goOn(run, { onProgress: (progress) => told.push(progress.step) })).best, best)
    t.true(told.every((each) => each > step))
    t.deepEqual(await outcome(run, 4), await outcome(whole, 4))
    t.deepEqual(await listCheckpoints(run), await listCheckpoints(whole))
  }
  // Before each of two judgements, and before, between and after the parts of each.
  t.true(stopped >= 6, `${stopped} judgements were stopped on the way`)
  t.is(unjudged, stopped + 2)
})

test.serial('a run that is stopped while it makes up for a judgement is stopped again as it was', async (t) => {
  const run = join(await temporary(t), 'run')
  const options = await judged({ keepCheckpoints: 1, checkpointEvery: 0 })
  for (const go of [(signal: AbortSignal) => trainTiny(run, { ...options, signal }), stopAgain, stopAgain]) {
    const controller = new AbortController()
    begun = () => controller.abort()
    await refused(t, () => go(controller.signal), 'ABORTED', /after step 3 of 12/)
    t.deepEqual(await listCheckpoints(run), [3])
    t.true(await isUnjudged(run, 3))
  }
  begun = () => {}
  t.is((await goOn(run)).last?.step, 12)

  function stopAgain(signal: AbortSignal) {
    return goOn(run, { signal })
  }
})

test.serial('the checkpoint before a stopped judgement stays, in case that judging finds no numbers', async (t) => {
  const run = join(await temporary(t), 'run')
  const controller = new AbortController()
  begun = () => controller.abort()
  const options = await judged({ keepCheckpoints: 1, checkpointEvery: 2, signal: controller.signal })
  await refused(t, () => trainTiny(run, options), 'ABORTED', /after step 3 of 12/)
  t.deepEqual(await listCheckpoints(run), [2, 3])
  begun = () => {
    begun = () => {}
    throw new NPairError('NON_FINITE', 'The embedding of a is not finite')
  }
  await refused(t, () => goOn(run), 'NON_FINITE', /the checkpoint of step 2 is whole/)
  t.deepEqual(await listCheckpoints(run), [2])
  t.is((await goOn(run)).last?.step, 12)
})
