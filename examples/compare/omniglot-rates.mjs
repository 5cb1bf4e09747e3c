// As rates.mjs, for the comparison on Omniglot small 1: judged on Korean, which that comparison trains on.
//   npx npair compare examples/compare/omniglot-rates.mjs --data images_background_small1.zip --output runs/omniglot-rates
import rates from './rates.mjs'

export default {
  ...rates,
  data: {
    type: 'omniglot',
    size: 28,
    interpolation: 'lanczos3',
    split: { by: 'superClass', test: ['Korean'] },
    rotatedClasses: true,
  },
  augment: { rotation: 15, scale: 0.2, shear: 0.2, shift: 0.1, fill: 0 },
  steps: 500,
}
