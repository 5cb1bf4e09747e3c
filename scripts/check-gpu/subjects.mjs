// What the check trains and measures, made without sharp: packs of noise with classes, and plans.
import { join } from 'node:path'
import { writePack } from '../../dist/data/writePack.js'
import { losses, nets } from '../../dist/index.js'

const classes = 256

/** A pack of two images a class: a pattern of the class under noise of the image. */
export async function noisePack(folder, side) {
  const path = join(folder, `noise${side}.pack`)
  const ingest = {
    ...{ size: [side, side], channels: 1, interpolation: 'lanczos3', fit: 'fill', background: 0, broken: 'error' },
  }
  const count = 2 * classes
  const content = {
    ...{ classes: Array.from({ length: classes }, (_, c) => `class${c}`), superClasses: [], superClassOf: [] },
    labels: Int32Array.from({ length: count }, (_, i) => i >> 1),
    ...{ names: Array.from({ length: count }, (_, i) => `image${i}`), skipped: [] },
  }
  async function* images() {
    for (let i = 0; i < count; i++) {
      const [pattern, noise] = [words(1 + (i >> 1)), words(10_000 + i)]
      yield Uint8Array.from({ length: side * side }, () => (0.7 * (pattern() >>> 24) + 0.3 * (noise() >>> 24)) | 0)
    }
  }
  await writePack(path, ingest, content, images(), () => content)
  return { path, count }
}

function words(seed) {
  let state = Math.imul(seed, 2654435761) >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state
  }
}

/** Ids of `steps` batches: N anchors, then their N positives. */
export function batches(steps, pairs) {
  const ids = []
  for (let step = 0; step < steps; step++)
    for (const which of [0, 1]) for (let i = 0; i < pairs; i++) ids.push(2 * ((step * pairs + i) % classes) + which)
  return Int32Array.from(ids)
}

/** The networks, with what they are fed. */
export const subjects = {
  conv4: { side: 28, from: 28, net: nets.conv4, augment: { rotation: 15, scale: 0.2, shear: 0.2, shift: 0.1 } },
  casiaNet: { side: 100, from: 110, net: nets.casiaNet, augment: { crop: 'random', flip: true } },
}

export function plan({ net, side, augment }, rest) {
  return trainPlan(net({ input: { channels: 1, height: side, width: side } }), augment, rest)
}

/** A network that is hardly there, so that a step is the loss: one product of `[2N, 64]` and `[64, d]`. */
export function lossPlan(d, rest) {
  const linear = { type: 'linear', name: 'fc', out: d, bias: false, init: 'xavier' }
  return trainPlan({ input: { channels: 1, height: 8, width: 8 }, layers: [{ type: 'flatten' }, linear] }, {}, rest)
}

/** @param rest - `pairs`, `device`, `precision`; `resident` false where the pack is not to be kept on the GPU */
function trainPlan(net, augment, rest) {
  const still = { crop: 'centre', flip: false, rotation: 0, scale: 0, shear: 0, shift: 0 }
  return JSON.stringify({
    net,
    loss: losses.nPairMc({ l2: 5e-3, l2Convention: 'mean' }),
    optimizer: { type: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, clipNorm: 0 },
    preprocess: { invert: true, mean: [0.5], std: [0.25] },
    augment: { ...still, fill: 0, brightness: 0, contrast: 0, ...augment },
    ...{ seed: 1, accumulate: 1, ...rest },
  })
}
