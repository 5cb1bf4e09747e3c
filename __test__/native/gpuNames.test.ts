import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { gpuNames } from '../../src/native/gpuNames.js'

test('the models of the GPUs, as the driver tells them, in its order', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'npair-gpus-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  t.is(await gpuNames(join(folder, 'nothing')), 'unknown')
  const information = (model: string) =>
    `Model: \t\t ${model}\nIRQ:   \t\t 32\nGPU UUID: \t GPU-1\nVideo BIOS: \t 96.00\n`
  for (const [bus, model] of [
    ['0000:81:00.0', 'NVIDIA H100 80GB HBM3'],
    ['0000:07:00.0', 'NVIDIA A10G'],
  ] as const) {
    await mkdir(join(folder, bus))
    await writeFile(join(folder, bus, 'information'), information(model))
  }
  await mkdir(join(folder, '0000:99:00.0'))
  t.is(await gpuNames(folder), 'NVIDIA A10G, NVIDIA H100 80GB HBM3')
})
