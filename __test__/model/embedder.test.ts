import '../train/ownCache.js'
import test from 'ava'
import { datasets } from '../../src/data/datasets.js'
import { embedBatch, TrainerEmbedder } from '../../src/model/embedder.js'
import { Model } from '../../src/model/model.js'
import { type Engine, engine } from '../../src/native/engine.js'
import { refused, temporary, trainTiny } from '../train/tinyRun.js'

/** A model of the engine with its embedder, and how many images each call for embeddings had, after which `then` is called. */
async function counted(t: Parameters<typeof temporary>[0], then: (calls: number) => void = () => {}) {
  const native = await engine()
  const folder = await temporary(t)
  await trainTiny(folder, { steps: 4, mirror: true })
  const { net, preprocess, precision, views } = await Model.load(folder, { device: 'cpu' }).then(async (model) => {
    await model.close()
    return { ...model.description, views: model.views }
  })
  const plan = JSON.stringify({ net, preprocess, precision, device: 'cpu' })
  const model = await native.modelCreate(plan, `${folder}/model/weights.safetensors`)
  t.teardown(() => native.close(model))
  const calls: number[] = []
  const embedPack: Engine['embedPack'] = async (of, pack, images, ...how) => {
    const rows = await native.embedPack(of, pack, images, ...how)
    calls.push(images.length)
    then(calls.length)
    return rows
  }
  return { calls, embedder: new TrainerEmbedder({ ...native, embedPack }, model, views) }
}

const images = () => datasets.characters({ alphabets: 3, characters: 13, drawings: 10, seed: 4 })

test.serial('with a signal a dataset is embedded in parts of whole batches, to the same bits', async (t) => {
  const { embedder, calls } = await counted(t)
  const [data, { signal }] = [await images(), new AbortController()]
  const whole = await embedder.embedDataset(data)
  t.deepEqual(calls.splice(0), [390])
  t.deepEqual(await embedder.stoppedBy(signal).embedDataset(data), whole)
  t.true(calls.length > 1)
  t.is(calls[0], embedBatch)
  t.true(calls.slice(0, -1).every((count) => count % embedBatch === 0))
  t.is(
    calls.reduce((sum, count) => sum + count),
    390,
  )
})

test.serial('a part takes half a second at most, as far as batches go', async (t) => {
  const now = performance.now.bind(performance)
  let late = 0
  const { embedder, calls } = await counted(t, () => {
    late += 1000
  })
  performance.now = () => now() + late
  t.teardown(() => {
    performance.now = now
  })
  await embedder.stoppedBy(new AbortController().signal).embedDataset(await images())
  t.deepEqual(calls, [128, 128, 128, 6])
})

test('stopped, nothing more is embedded', async (t) => {
  const controller = new AbortController()
  const { embedder, calls } = await counted(t, () => controller.abort())
  const stoppable = embedder.stoppedBy(controller.signal)
  await refused(t, async () => stoppable.embedDataset(await images()), 'ABORTED', /after 128 of 390 images/)
  await refused(t, async () => stoppable.embedDataset(await images()), 'ABORTED', /after 0 of 390 images/)
  t.deepEqual(calls, [128])
})

test('stopped in the last part, a dataset is not embedded: what follows may take long', async (t) => {
  const controller = new AbortController()
  const { embedder } = await counted(t, (calls) => calls === 1 && controller.abort())
  const few = await datasets.characters({ alphabets: 2, characters: 2, drawings: 2, seed: 4 })
  const stoppable = embedder.stoppedBy(controller.signal)
  await refused(t, () => stoppable.embedDataset(few), 'ABORTED', /after 8 of 8 images/)
})
