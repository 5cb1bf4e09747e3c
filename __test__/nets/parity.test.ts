import { readFile } from 'node:fs/promises'
import test from 'ava'
import type { ResolvedLayer } from '../../src/nets/layer.js'
import type { NetInput } from '../../src/nets/net.js'
import { casiaNet, conv4, layerShapes } from '../../src/nets/nets.js'

/** The engine's own tests prove these descriptions equal to PyTorch's programs (crates/engine/tests); here they must be the presets'. */
const path = new URL('../../crates/engine/tests/fixtures/descriptions.json', import.meta.url)
const read = async () =>
  JSON.parse(await readFile(path, 'utf8')) as Record<string, { input: NetInput; layers: ResolvedLayer[] }>

for (const [name, net] of Object.entries({
  conv4: conv4({ embeddingSize: 16 }),
  conv4Small: conv4({ width: 8, embeddingSize: 16 }),
  casiaNet: casiaNet(),
}))
  test(`the network that is proved against PyTorch is the preset: ${name}`, async (t) => {
    t.deepEqual((await read())[name]?.layers, net.layers)
  })

test('conv4 takes any width and input; CasiaNet has the parameters of its paper', (t) => {
  const count = (net: Parameters<typeof layerShapes>[0], ends: string) =>
    layerShapes(net)
      .flatMap((layer) => layer.tensors)
      .filter((tensor) => tensor.name.endsWith(ends))
      .reduce((sum, tensor) => sum + tensor.shape.reduce((a, b) => a * b, 1), 0)
  const input = { channels: 1, height: 100, width: 100 }
  t.is(count({ ...casiaNet(), input }, '.weight'), 1_751_328)
  t.is(count({ ...casiaNet(), input }, '.bias'), 1_440)
  for (const [width, side] of [
    [1, 16],
    [8, 28],
    [48, 84],
  ] as const) {
    const net = { ...conv4({ width, embeddingSize: 3 }), input: { channels: 3, height: side, width: side + 5 } }
    const convolutions = 9 * width * (3 + 3 * width)
    const flat = width * Math.floor(side / 16) * Math.floor((side + 5) / 16)
    t.is(count(net, '.weight'), convolutions + 4 * width + 3 * flat)
  }
})
