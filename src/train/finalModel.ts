import { join } from 'node:path'
import type { Dataset } from '../data/dataset.js'
import { type Bundle, readBundle } from '../model/bundle.js'
import { embedBatch } from '../model/embedder.js'
import { bindingViews } from '../model/views.js'
import type { ResolvedNet } from '../nets/net.js'
import { whitenedNet } from '../nets/whitened.js'
import { type Best, bestWeights, type CheckpointState } from './checkpoint.js'
import type { TrainPlan } from './plan.js'
import type { RunEngine } from './runEngine.js'

/**
 * Writes `model/` of a run that has come to its end: the best model where there was validation that keeps it, else the last one; where the
 * plan says so with one layer more that whitens, fitted to the training images. What lies there already and is just that is
 * left alone: it may have been calibrated since.
 *
 * @param found - the best judgement
 * @param steps - steps done, for a model that is not the best of some
 */
export async function writeFinalModel(
  { run, plan, data, from }: { run: string; plan: TrainPlan; data: Dataset; from?: CheckpointState },
  engine: RunEngine,
  bundle: Bundle,
  found: Best | undefined,
  steps: number,
): Promise<void> {
  const { net, preprocess, precision, device, whiten, validation } = plan
  const best = validation?.keep === 'last' ? undefined : found
  if (from?.step === plan.steps && (await isWritten(run, plan, from, best))) return
  if (best && !whiten) return bundle.copy(`${run}/best`, `${run}/model`)
  const { native, trainer, pack } = engine
  const handles: number[] = []
  const kept = async (made: Promise<number>) => {
    handles.push(await made)
    return handles.at(-1) as number
  }
  const describe = (net: ResolvedNet) => JSON.stringify({ net, preprocess, precision, device })
  const whitened = (net: ResolvedNet, model: number, shrinkage: number) => {
    const labels = Int32Array.from(data.labels)
    const views = bindingViews(plan)
    return native.modelWhiten(describe(net), model, shrinkage, pack, data.images, labels, views, embedBatch)
  }
  try {
    const trained = await kept(
      best ? native.modelCreate(describe(net), join(run, 'best/weights.safetensors')) : native.trainerModel(trainer),
    )
    const whole = whiten ? whitenedNet(net) : net
    const model = whiten ? await kept(whitened(whole, trained, whiten.shrinkage)) : trained
    const save = (path: string) => native.modelSave(model, path)
    await bundle.write(`${run}/model`, save, best?.step ?? steps, whole)
  } finally {
    for (const handle of handles.reverse()) await native.close(handle)
  }
}

/** Whether `model/` is whole and what a run that was finished by the checkpoint `from` has written. */
async function isWritten(
  run: string,
  plan: TrainPlan,
  from: CheckpointState,
  best: Best | undefined,
): Promise<boolean> {
  const model = join(run, 'model')
  const { folder, description } = (await readBundle(model).catch(() => undefined)) ?? {}
  if (folder !== model || description?.trained.steps !== (best?.step ?? from.step)) return false
  // The whitened weights are in no checkpoint.
  if (plan.whiten) return true
  return (
    description.weights === from.files[best ? bestWeights : plan.ema ? 'average.safetensors' : 'weights.safetensors']
  )
}
