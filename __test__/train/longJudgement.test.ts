import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { NPairError } from '../../src/errors.js'
import { BestModel } from '../../src/train/bestModel.js'
import { checkpointFolder, listCheckpoints } from '../../src/train/checkpoint.js'
import { resume, type TrainInput } from '../../src/train/train.js'
import { characters, outcome, refused, temporary, trainTiny } from './tinyRun.js'

// Judgements take eleven seconds by the clock that the loop looks at, but where a test says otherwise.
const [now, judge] = [performance.now.bind(performance), BestModel.prototype.judge]
let late = 0
let isLong = (_: number) => true
let before: (step: number) => Promise<void> | void = () => {}
performance.now = () => now() + late
BestModel.prototype.judge = async function (step, protocol) {
  if (isLong(step)) late += 11_000
  await before(step)
  return judge.call(this, step, protocol)
}
test.afterEach.always(() => {
  before = () => {}
  isLong = () => true
})

async function judged(change: Partial<TrainInput> = {}): Promise<Partial<TrainInput>> {
  const { test: validationData } = await characters()
  return { validationData, validation: { every: 3, protocol: { type: 'retrieval' } }, ...change }
}

const isUnjudged = async (run: string, step: number) =>
  JSON.parse(await readFile(join(checkpointFolder(run, step), 'state.json'), 'utf8')).unjudged === true

const goOn = async (run: string, hooks: Parameters<typeof resume>[1] = {}) => {
  const { model, ...rest } = await resume(run, hooks)
  await model.close()
  return rest
}

test.serial(
  'killed in a long judgement, a run goes on from the step that was to be judged, to the same bits',
  async (t) => {
    const folder = await temporary(t)
    const [run, quick] = [join(folder, 'run'), join(folder, 'quick')]
    const options = await judged({ checkpointEvery: 4 })
    const killed = new Map<number, string>()
    before = async (step) => {
      killed.set(step, join(folder, `killed-${step}`))
      await cp(run, killed.get(step) as string, { recursive: true })
    }
    const { best } = await trainTiny(run, options)
    before = () => {}
    // How long judging takes is known after the first.
    const found = await Promise.all([...killed.values()].map(listCheckpoints))
    t.deepEqual(found, [[], [4, 6], [6, 8, 9], [8, 9, 12]])
    t.deepEqual(await listCheckpoints(run), [9, 12])
    t.false(await isUnjudged(run, 12))

    late = 0
    performance.now = now
    await trainTiny(quick, options)
    t.deepEqual(await listCheckpoints(quick), [8, 12], 'a short judgement costs no checkpoint')
    t.deepEqual(await outcome(run), await outcome(quick))
    for (const [step, path] of killed) {
      const told: number[] = []
      t.is(step > 3 && (await isUnjudged(path, step)), step > 3)
      t.deepEqual((await goOn(path, { onProgress: (progress) => told.push(progress.step) })).best, best)
      t.true(told.every((each) => step === 3 || each > step))
      t.deepEqual(await outcome(path), await outcome(quick))
      t.false(await isUnjudged(path, 12))
    }
    performance.now = () => now() + late
  },
)

test.serial('the last checkpoint of a run is a judged one, and nothing is judged again', async (t) => {
  const run = join(await temporary(t), 'run')
  const first = await trainTiny(run, await judged({ checkpointEvery: 0, keepCheckpoints: 1 }))
  t.deepEqual(await listCheckpoints(run), [12])
  t.false(await isUnjudged(run, 12))
  before = () => t.fail('everything was judged')
  t.deepEqual((await goOn(run)).best, first.best)
})

/** What is not finite at a step, so many times. */
function ailing(times: number, at = 6): (step: number) => void {
  let left = times
  return (step) => {
    if (step === at && left-- > 0) throw new NPairError('NON_FINITE', 'The embedding of a is not finite')
  }
}

test.serial(
  'where judging finds what is not finite, the guard goes back beyond the checkpoint made for it',
  async (t) => {
    const folder = await temporary(t)
    const [run, killed] = [join(folder, 'run'), join(folder, 'killed')]
    const guard = { onDivergence: 'rollback', retries: 1, rateFactor: 0.5 } as const
    const options = await judged({ checkpointEvery: 3, keepCheckpoints: 1, guard })
    const ail = ailing(1)
    before = async (step) => {
      if (step === 6) await cp(run, killed, { recursive: true, force: false })
      ail(step)
    }
    const told: unknown[] = []
    const onProgress: TrainInput['onProgress'] = ({ rollback }) => rollback && told.push(rollback)
    await trainTiny(run, { ...options, onProgress })
    t.deepEqual(told, [{ from: 6, reason: 'notFinite', rateFactor: 0.5 }])
    t.deepEqual(await listCheckpoints(killed), [3, 6])
    before = ailing(1)
    await goOn(killed)
    t.deepEqual(await outcome(killed), await outcome(run))
    t.regex(JSON.stringify(await outcome(run)), /"step":3,"rollback":\{"from":6/)
  },
)

test.serial('without a guard, what is not finite leaves the checkpoint before as the newest', async (t) => {
  const run = join(await temporary(t), 'run')
  before = ailing(1)
  const options = await judged({ checkpointEvery: 3, keepCheckpoints: 1 })
  await refused(t, () => trainTiny(run, options), 'NON_FINITE', /the checkpoint of step 3 is whole/)
  t.deepEqual(await listCheckpoints(run), [3])
  t.is((await goOn(run)).last?.step, 12)
})

test.serial('a checkpoint that was judged since stays, whatever a later judgement finds', async (t) => {
  const run = join(await temporary(t), 'run')
  isLong = (step) => step < 6
  before = ailing(1, 9)
  const options = await judged({ checkpointEvery: 0 })
  await refused(t, () => trainTiny(run, options), 'NON_FINITE', /the checkpoint of step 6 is whole/)
  t.deepEqual(await listCheckpoints(run), [6])
  t.is((await goOn(run)).last?.step, 12)
})
