// How the factors of the learning rates in src/compare/methods.ts were chosen: each loss at some factors, on other alphabets than
// those that `npair demo --compare` judges on (they are in its training half), one seed that no comparison uses.
//   npx npair compare examples/compare/rates.mjs --output runs/rates
const penalty = { l2: 5e-3, l2Convention: 'mean' }
const four = { type: 'classBalanced', classes: 15, imagesPerClass: 4 }
const losses = {
  softmax: { loss: { type: 'softmax' } },
  'contrastive-1': { loss: { type: 'contrastive', normalize: true, margin: 1 }, batch: four },
  'contrastive-0.5': { loss: { type: 'contrastive', normalize: true, margin: 0.5 }, batch: four },
  triplet: { loss: { type: 'triplet', form: 'smooth', triplets: 'paper', l2: 5e-3 } },
  'triplet-hard': { loss: { type: 'triplet', triplets: 'hard', normalize: true }, batch: four },
  ovo: { loss: { type: 'nPairOvo', ...penalty } },
  mc: { loss: { type: 'nPairMc', ...penalty } },
  'mc-4': { loss: { type: 'nPairMc', ...penalty, queries: 'all', sameClass: 'sum' }, batch: four },
}
const methods = Object.entries(losses).flatMap(([name, method]) =>
  [0.3, 1, 3, 10].map((rateFactor) => ({ name: `${name}-x${rateFactor}`, ...method, rateFactor })),
)

export default {
  data: {
    type: 'characters',
    size: 28,
    split: { by: 'superClass', test: ['alphabet03', 'alphabet04'] },
    rotatedClasses: true,
  },
  net: { type: 'conv4', width: 32, embeddingSize: 64 },
  loss: { type: 'nPairMc', ...penalty },
  batch: { pairs: 30 },
  optimizer: { type: 'adam', learningRate: 1e-3, schedule: { type: 'cosine', warmup: 20 } },
  preprocess: { invert: true },
  augment: { rotation: 10, scale: 0.1, shear: 0.1, shift: 0.1 },
  steps: 200,
  compare: { seeds: [9], methods },
}
