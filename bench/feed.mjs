// Batches made from packed bytes on one thread, beside PyTorch's operations on one thread and beside what a step takes.
import { datasets } from '../dist/index.js'
import { engine } from '../dist/native/engine.js'
import { alternate, formatRatio, median, ratio } from './alternate.mjs'
import { pythonContestant, rustContestant } from './contestant.mjs'
import { buildExamples } from './examples.mjs'
import { ours } from './train-step.mjs'

const cases = [
  { name: '28x28, turned, warped, lit', recipe: 'everything', size: 28, batch: 120, step: 'conv4', count: 100 },
  { name: '110 to 100, random crop and flip', recipe: 'crop', size: 110, batch: 64, step: 'casiaNet', count: 50 },
]

export const title = 'Feeding'
export const about =
  'Batches from a packed file, with the draws, in images a second on one thread. What a step eats is the training step of ' +
  '`npm run bench -- train-step`, on all threads. PyTorch does the same with its operations (gather, affine_grid and ' +
  'grid_sample, or slices; normalise; channels_last) on one thread.'

export async function bench({ threads, tiny = false }) {
  buildExamples('feed')
  const native = await engine()
  const rows = []
  for (const { name, recipe, size, batch, step, count } of cases) {
    const data = await datasets.characters({ size, alphabets: 4, characters: 16, drawings: 16 })
    const contestants = {
      npair: await rustContestant('feed', [data.pack.path, recipe, batch]),
      pytorch: await pythonContestant('feed.py', [data.pack.path, recipe, batch]),
    }
    const batches = tiny ? 2 : count
    const seconds = await alternate(contestants, batches, tiny ? 1 : 11)
    for (const contestant of Object.values(contestants)) contestant.close()
    const side = size === 110 ? 100 : size
    const trainer = await ours(native, { net: step, side, batch: tiny ? 4 : batch }, threads)
    const steps = await alternate({ trainer }, step === 'conv4' ? 10 : 1, tiny ? 1 : 5, 1)
    await trainer.close()
    const fed = (who) => (batches * batch) / median(seconds[who])
    const eaten = ((step === 'conv4' ? 10 : 1) * (tiny ? 4 : batch)) / median(steps.trainer)
    rows.push({
      recipe: name,
      'npair, images/s': Math.round(fed('npair')),
      'PyTorch, images/s': Math.round(fed('pytorch')),
      'against PyTorch': formatRatio(ratio(seconds.pytorch, seconds.npair)),
      'a step eats, images/s': `${Math.round(eaten)} (${step}, ${threads} threads)`,
      'times what it eats': (fed('npair') / eaten).toFixed(1),
    })
  }
  return rows
}
