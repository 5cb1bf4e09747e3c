/** Exits with status 7 while the engine embeds: run by engine.test.ts. */
import { engine } from '../../src/native/engine.js'
import { layers } from '../../src/nets/nets.js'

const { modelCreate, embedPixels } = await engine()
const convolutions = ['a', 'b'].map((name) => ({ type: 'conv', name, out: 64, kernel: 3 }) as const)
const net = {
  ...layers({ layers: [...convolutions, { type: 'globalPool' }] }),
  input: { channels: 1, height: 64, width: 64 },
}
const preprocess = { invert: false, mean: [0], std: [1] }
const plan = { net, preprocess, device: 'cpu', precision: 'float32' }
const model = await modelCreate(JSON.stringify(plan), '')
await embedPixels(model, new Uint8Array(64 * 64 * 4), 64, 64, { mirror: false, shifts: [] }, 4)
void embedPixels(model, new Uint8Array(64 * 64 * 4000), 64, 64, { mirror: false, shifts: [] }, 16)
setTimeout(() => process.exit(7), 200)
