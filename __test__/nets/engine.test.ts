import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { engine } from '../../src/native/engine.js'
import type { Layer } from '../../src/nets/layer.js'
import type { ResolvedNet } from '../../src/nets/net.js'
import { casiaNet, conv4, embeddingSize, layerShapes, layers } from '../../src/nets/nets.js'

/** What is computed here about shapes and names must be what libtorch does. */

async function modelOf(net: ResolvedNet): Promise<number> {
  const zeros = Array.from({ length: net.input.channels }, () => 0)
  const preprocess = { invert: false, mean: zeros, std: zeros.map(() => 1) }
  return (await engine()).modelCreate(JSON.stringify({ net, preprocess, device: 'cpu', precision: 'float32' }), '')
}

const windows: Layer[] = []
for (const kernel of [1, 2, 3] as const)
  for (const stride of [1, 2, 3])
    for (const padding of [0, 1])
      for (const ceil of [false, true]) {
        if (2 * padding <= kernel)
          windows.push({ type: ceil ? 'maxPool' : 'avgPool', kernel, stride, padding, ceil: !ceil })
        if (2 * padding <= kernel) windows.push({ type: 'maxPool', kernel, stride, padding, ceil })
        windows.push({ type: 'conv', name: 'c', out: 2, kernel: [kernel, 4 - kernel], stride, padding: [padding, 0] })
      }

test('sizes are those of libtorch, for every window on some inputs', async (t) => {
  const { embedPixels, close } = await engine()
  for (const layer of windows)
    for (const [height, width] of [
      [3, 4],
      [6, 7],
    ] as const) {
      const input = { channels: 1, height, width }
      const net = { ...layers({ layers: [layer, { type: 'flatten' }] }), input }
      const model = await modelOf(net)
      const embeddings = await embedPixels(
        model,
        new Uint8Array(height * width),
        height,
        width,
        { mirror: false, shifts: [] },
        1,
      )
      await close(model)
      t.is(embeddings.length, embeddingSize(net), JSON.stringify({ layer, input }))
    }
})

for (const [title, net] of Object.entries({
  conv4: {
    ...conv4({ width: 8, embeddingNorm: true, inputNorm: true }),
    input: { channels: 1, height: 28, width: 28 },
  },
  casiaNet: { ...casiaNet({ batchNorm: true, embeddingSize: 16 }), input: { channels: 3, height: 33, width: 30 } },
  grouped: {
    ...layers({
      layers: [
        { type: 'conv', name: 'wide', out: 6, kernel: [1, 3], groups: 3, bias: false },
        { type: 'leakyRelu' },
        {
          type: 'sequence',
          name: 'head',
          layers: [
            { type: 'globalPool', mode: 'max' },
            { type: 'linear', name: 'fc', out: 5 },
          ],
        },
      ],
    }),
    input: { channels: 3, height: 5, width: 6 },
  },
}))
  test(`names and shapes of the weights are the engine's: ${title}`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'npair-nets-'))
    t.teardown(() => rm(folder, { recursive: true }))
    const { modelSave, close } = await engine()
    const model = await modelOf(net)
    const path = join(folder, 'weights.safetensors')
    await modelSave(model, path)
    await close(model)
    const bytes = await readFile(path)
    // safetensors: u64le size of a JSON header { name: { shape } }, the header, the numbers
    const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE())).toString()) as Record<
      string,
      { shape: number[] }
    >
    const saved = Object.fromEntries(
      Object.entries(header).flatMap(([name, { shape }]) => (name === '__metadata__' ? [] : [[name, shape]])),
    )
    t.deepEqual(
      saved,
      Object.fromEntries(layerShapes(net).flatMap((layer) => layer.tensors.map((x) => [x.name, [...x.shape]]))),
    )
  })

// libtorch's destructors would pull its objects from under the running thread: SIGSEGV, most of the time.
test('a process that exits while the engine computes has its own status', (t) => {
  const child = new URL('./exitWhileComputing.ts', import.meta.url).pathname
  for (let i = 0; i < 3; i++) {
    const { status, signal, stderr } = spawnSync(process.execPath, ['--import', 'tsx', child], { encoding: 'utf8' })
    t.deepEqual([status, signal], [7, null], stderr)
  }
})
