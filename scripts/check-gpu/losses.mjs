// The time of a step that is nothing but the loss.
import { batches, lossPlan, noisePack } from './subjects.mjs'
import { seconds } from './train.mjs'

export async function lossTimes(native, folder, sizes, device, count) {
  const pack = await noisePack(folder, 8)
  const data = await native.packOpen(pack.path)
  const rows = []
  for (const [pairs, d] of sizes) {
    await native.deviceMemory(true)
    const before = await native.deviceMemory(false)
    const plan = lossPlan(d, { pairs, device, precision: 'float32' })
    const trainer = await native.trainerCreate(plan, data)
    try {
      const steps = (n) => native.trainerSteps(trainer, 0, batches(n, pairs), new Float64Array(n).fill(1e-5))
      await steps(2)
      const taken = await seconds(() => steps(count))
      const memory = await native.deviceMemory(false)
      const extraBytes = memory && before ? memory.peak - before.allocated : null
      rows.push({ N: pairs, D: d, stepMs: (1000 * taken) / count, extraBytes })
    } finally {
      await native.close(trainer)
    }
  }
  await native.close(data)
  return rows
}
