import test from 'ava'
import { NPairError } from '../../src/errors.js'
import {
  casiaNet,
  conv4,
  create,
  layerShapes,
  layers,
  linear,
  mlp,
  parameterCount,
  resolveNet,
} from '../../src/nets/nets.js'

const data = { channels: 1, height: 110, width: 100 }

test('conv4 with normalised embeddings: a norm of rank 2 comes last, and the linear layer has no bias', (t) => {
  const options = { width: 8, embeddingSize: 16, input: { channels: 1, height: 28, width: 28 } }
  const net = conv4({ ...options, embeddingNorm: true })
  t.deepEqual(net.layers.at(-1), { type: 'batchNorm', name: 'norm', momentum: 0.1, eps: 1e-5 })
  const last = layerShapes(net).at(-1)
  t.deepEqual([last?.input, last?.output], [[16], [16]])
  t.is(parameterCount(net), parameterCount(conv4(options)) - 16 + 32)
})

test('factories give frozen plain objects with every default filled in', (t) => {
  const net = conv4()
  t.deepEqual(JSON.parse(JSON.stringify(net)), net)
  t.true(Object.isFrozen(net) && Object.isFrozen(net.layers) && Object.isFrozen(net.layers[0]))
  t.deepEqual(
    { ...net, layers: 0 },
    { type: 'conv4', width: 64, embeddingSize: 128, embeddingNorm: false, inputNorm: false, init: 'torch', layers: 0 },
  )
  const own = layers({
    layers: [
      { type: 'conv', name: 'c', out: 4, kernel: [3, 5] },
      { type: 'batchNorm', name: 'n' },
      { type: 'leakyRelu' },
      { type: 'maxPool', kernel: [2, 3] },
      { type: 'globalPool' },
      { type: 'dropout', p: 0.5 },
      { type: 'sequence', name: 'head', layers: [{ type: 'linear', name: 'l', out: 2, bias: false }] },
    ],
  })
  t.deepEqual(own.layers, [
    { type: 'conv', name: 'c', out: 4, kernel: [3, 5], stride: 1, padding: 0, groups: 1, bias: true, init: 'torch' },
    { type: 'batchNorm', name: 'n', momentum: 0.1, eps: 1e-5 },
    { type: 'leakyRelu', slope: 0.01 },
    { type: 'maxPool', kernel: [2, 3], stride: [2, 3], padding: 0, ceil: false },
    { type: 'globalPool', mode: 'avg' },
    { type: 'dropout', p: 0.5 },
    { type: 'sequence', name: 'head', layers: [{ type: 'linear', name: 'l', out: 2, bias: false, init: 'torch' }] },
  ])
})

test('the factory does not freeze what it was given', (t) => {
  const mine = { type: 'conv' as const, name: 'c', out: 4, kernel: [3, 3] as [number, number] }
  layers({ layers: [mine] })
  t.false(Object.isFrozen(mine) || Object.isFrozen(mine.kernel))
})

test('casiaNet with its extras', (t) => {
  const net = casiaNet({
    batchNorm: true,
    dropout: 0.4,
    embeddingSize: 64,
    input: { channels: 3, height: 112, width: 96 },
  })
  t.is(net.layers.filter((layer) => layer.type === 'batchNorm').length, 10)
  t.deepEqual(net.layers.slice(-3), [
    { type: 'globalPool', mode: 'avg' },
    { type: 'dropout', p: 0.4 },
    { type: 'linear', name: 'embedding', out: 64, bias: true, init: 'kaiming' },
  ])
})

test('create builds what config files name, and takes what a factory gave', (t) => {
  t.deepEqual(create({ type: 'conv4', width: 8 }), conv4({ width: 8 }))
  t.deepEqual(conv4({ width: [8, 8, 8, 8] }).layers, conv4({ width: 8 }).layers)
  for (const net of [
    conv4({ width: 8 }),
    casiaNet(),
    linear({ bias: false }),
    mlp({ hidden: [8, 4], dropout: 0.5 }),
    layers({ layers: [{ type: 'flatten' }] }),
  ]) {
    t.deepEqual(create(net), net)
    t.deepEqual(create(JSON.parse(JSON.stringify(net))), net)
  }
  const error = t.throws(() => create({ ...conv4(), width: 32 }), { instanceOf: NPairError })
  t.is(error?.option, 'net.layers')
})

test('heads: one matrix, and hidden layers before it', (t) => {
  const input = { channels: 20, height: 1, width: 1 }
  t.is(parameterCount(linear({ embeddingSize: 6, input })), 20 * 6 + 6)
  t.is(parameterCount(linear({ embeddingSize: 6, bias: false, input })), 20 * 6)
  const net = mlp({ hidden: [8, 4], embeddingSize: 3, dropout: 0.1, input })
  t.is(parameterCount(net), 20 * 8 + 8 + 8 * 4 + 4 + 4 * 3 + 3)
  t.deepEqual(
    layerShapes(net).map(({ path, type, output }) => [path, type, ...output]),
    [
      ['0', 'flatten', 20],
      ['hidden1', 'linear', 8],
      ['2', 'relu', 8],
      ['3', 'dropout', 8],
      ['hidden2', 'linear', 4],
      ['5', 'relu', 4],
      ['6', 'dropout', 4],
      ['embedding', 'linear', 3],
    ],
  )
  const { layers: _, ...options } = mlp()
  t.deepEqual(options, { type: 'mlp', hidden: [512], embeddingSize: 128, dropout: 0, init: 'torch' })
})

test('resolveNet takes the input from the data, or crops to its own', (t) => {
  t.deepEqual(resolveNet(casiaNet(), data).input, data)
  const input = { channels: 1, height: 100, width: 100 }
  t.deepEqual(resolveNet(casiaNet({ input }), data).input, input)
  t.deepEqual(resolveNet({ type: 'conv4', input }, data).input, input)
  const failing = (input: { channels: number; height: number; width: number }) =>
    t.throws(() => resolveNet(conv4({ input }), data), { instanceOf: NPairError })?.option
  t.is(failing({ channels: 3, height: 100, width: 100 }), 'net.input.channels')
  t.is(failing({ channels: 1, height: 111, width: 100 }), 'net.input.height')
  t.is(failing({ channels: 1, height: 100, width: 101 }), 'net.input.width')
  t.is(
    t.throws(() => resolveNet(conv4(), { channels: 1, height: 15, width: 40 }), { instanceOf: NPairError })?.code,
    'LAYER_SHAPE',
  )
})

const bad: [unknown, string, string][] = [
  [{ type: 'conv4', width: 0 }, 'net.width', 'Expected an integer >= 1 for net.width but received 0 of type number'],
  [
    { type: 'conv4', width: [8, 8, 8] },
    'net.width',
    'Expected one number of channels or four for net.width but received [8,8,8] of type array',
  ],
  [
    { type: 'conv4', width: [8, 8, 0, 8] },
    'net.width[2]',
    'Expected an integer >= 1 for net.width[2] but received 0 of type number',
  ],
  [{ type: 'conv4', wdith: 8 }, 'net.wdith', 'Unknown option net.wdith: did you mean width?'],
  [
    { type: 'conv5' },
    'net.type',
    "Expected 'conv4' or 'casiaNet' or 'linear' or 'mlp' or 'layers' for net.type but received 'conv5' of type string",
  ],
  [
    { type: 'casiaNet', dropout: 1 },
    'net.dropout',
    'Expected a number in [0, 1) for net.dropout but received 1 of type number',
  ],
  [
    { type: 'casiaNet', batchNorm: 1 },
    'net.batchNorm',
    'Expected true or false for net.batchNorm but received 1 of type number',
  ],
  [
    { type: 'conv4', init: 'he' },
    'net.init',
    "Expected 'torch' or 'kaiming' or 'xavier' for net.init but received 'he' of type string",
  ],
  [
    { type: 'conv4', input: { channels: 1, height: 28 } },
    'net.input.width',
    'Expected an integer >= 1 for net.input.width but received undefined of type undefined',
  ],
  [
    { type: 'layers', layers: [] },
    'net.layers',
    'Expected an array of at least one layer for net.layers but received [] of type array',
  ],
  [
    { type: 'layers', layers: [{ type: 'relu', slope: 1 }] },
    'net.layers[0].slope',
    'Unknown option net.layers[0].slope: known here: type',
  ],
  [
    { type: 'mlp', hidden: [] },
    'net.hidden',
    'Expected an array of sizes, one or more, for net.hidden but received [] of type array',
  ],
  [
    { type: 'mlp', hidden: [8, 0] },
    'net.hidden[1]',
    'Expected an integer >= 1 for net.hidden[1] but received 0 of type number',
  ],
  [
    { type: 'linear', hidden: [8] },
    'net.hidden',
    'Unknown option net.hidden: known here: embeddingSize, bias, init, input',
  ],
  [null, 'net', 'Expected an object for net but received null of type null'],
]
for (const [options, option, message] of bad)
  test(`refused with its name: ${message}`, (t) => {
    const error = t.throws(() => create(options as never), { instanceOf: NPairError, message })
    t.is(error?.code, 'INVALID_OPTION')
    t.is(error?.option, option)
  })

const conv = { type: 'conv', name: 'c', out: 4, kernel: 3 }
const badLayers: [unknown, string][] = [
  [{ ...conv, name: 'a.b' }, 'layers[0].name'],
  [{ ...conv, name: undefined }, 'layers[0].name'],
  [{ ...conv, out: 1.5 }, 'layers[0].out'],
  [{ ...conv, groups: 3 }, 'layers[0].out'],
  [{ ...conv, kernel: [3] }, 'layers[0].kernel'],
  [{ ...conv, kernel: '3' }, 'layers[0].kernel'],
  [{ ...conv, stride: 0 }, 'layers[0].stride'],
  [{ ...conv, padding: -1 }, 'layers[0].padding'],
  [{ ...conv, bias: 'no' }, 'layers[0].bias'],
  [{ ...conv, init: 'zeros' }, 'layers[0].init'],
  [{ type: 'maxPool', kernel: 2, padding: 2 }, 'layers[0].padding'],
  [{ type: 'maxPool', kernel: 2, ceil: 1 }, 'layers[0].ceil'],
  [{ type: 'batchNorm', name: 'n', momentum: 2 }, 'layers[0].momentum'],
  [{ type: 'batchNorm', name: 'n', eps: 0 }, 'layers[0].eps'],
  [{ type: 'leakyRelu', slope: Number.NaN }, 'layers[0].slope'],
  [{ type: 'globalPool', mode: 'sum' }, 'layers[0].mode'],
  [{ type: 'linear', name: 'l', out: 0 }, 'layers[0].out'],
  [{ type: 'dropout', p: 1 }, 'layers[0].p'],
  [{ type: 'dropout' }, 'layers[0].p'],
  [{ type: 'sequence', name: 's', layers: [{ type: 'conv1d' }] }, 'layers[0].layers[0].type'],
  ['relu', 'layers[0]'],
]
for (const [layer, option] of badLayers)
  test(`refused in the layer language: ${JSON.stringify(layer)}`, (t) => {
    const error = t.throws(() => layers({ layers: [layer as never] }), { instanceOf: NPairError })
    t.is(error?.code, 'INVALID_OPTION')
    t.is(error?.option, option)
  })

test('two layers of one name in a sequence are refused, in two sequences they are not', (t) => {
  const inner = (name: string) => ({ type: 'sequence' as const, name, layers: [{ ...conv, type: 'conv' as const }] })
  t.notThrows(() => layers({ layers: [inner('a'), inner('b')] }))
  const error = t.throws(() => layers({ layers: [inner('a'), inner('a')] }), { instanceOf: NPairError })
  t.is(error?.option, 'layers[1].name')
})
