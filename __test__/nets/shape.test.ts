import test from 'ava'
import { NPairError } from '../../src/errors.js'
import type { Layer } from '../../src/nets/layer.js'
import { casiaNet, conv4, embeddingSize, layerShapes, layers, parameterCount } from '../../src/nets/nets.js'

const grey = (height: number, width = height) => ({ channels: 1, height, width })

/** Output `[c, h, w]` of one layer. */
function through(layer: Layer, channels: number, height: number, width: number): readonly number[] {
  const net = layers({ input: { channels, height, width }, layers: [layer, { type: 'globalPool' }] })
  return layerShapes({ ...net, input: { channels, height, width } })[0]?.output ?? []
}

const conv = (options: Partial<Extract<Layer, { type: 'conv' }>>): Layer => ({
  type: 'conv',
  name: 'c',
  out: 8,
  kernel: 3,
  ...options,
})

// tuple(torch.nn.Conv2d(2, 8, …)(torch.zeros(1, 2, h, w)).shape[1:])
for (const [title, layer, [h, w], expected] of [
  ['kernel 3', conv({}), [28, 28], [8, 26, 26]],
  ['kernel 3, padding 1', conv({ padding: 1 }), [28, 20], [8, 28, 20]],
  ['kernel 5, stride 2', conv({ kernel: 5, stride: 2 }), [28, 27], [8, 12, 12]],
  ['kernel 7, stride 2, padding 3', conv({ kernel: 7, stride: 2, padding: 3 }), [224, 225], [8, 112, 113]],
  [
    'kernel [1, 7], stride [3, 1], padding [0, 3]',
    conv({ kernel: [1, 7], stride: [3, 1], padding: [0, 3] }),
    [10, 10],
    [8, 4, 10],
  ],
  ['kernel 3 on 1 × 1 with padding 1', conv({ padding: 1 }), [1, 1], [8, 1, 1]],
  ['2 groups', conv({ groups: 2 }), [5, 5], [8, 3, 3]],
] as const)
  test(`convolution as torch.nn.Conv2d: ${title}`, (t) => t.deepEqual(through(layer, 2, h, w), [...expected]))

// tuple(torch.nn.MaxPool2d(…)(torch.zeros(1, 4, h, w)).shape[1:]); AvgPool2d gives the same
for (const [kernel, stride, padding, ceil, [h, w], expected] of [
  [2, 2, 0, false, [25, 24], [4, 12, 12]],
  [2, 2, 0, true, [25, 24], [4, 13, 12]],
  [3, 2, 0, true, [6, 7], [4, 3, 3]],
  [3, 2, 1, false, [112, 113], [4, 56, 57]],
  [3, 2, 1, true, [112, 113], [4, 57, 57]],
  // The window that rounding up would add starts in the padding behind the input, so it is dropped.
  [2, 2, 1, true, [5, 4], [4, 3, 3]],
  [1, 2, 0, true, [4, 5], [4, 2, 3]],
  [1, 3, 0, true, [4, 5], [4, 2, 2]],
  [2, 5, 1, true, [4, 7], [4, 1, 2]],
  // Rounding up makes room for a window larger than the input.
  [2, 2, 0, true, [1, 1], [4, 1, 1]],
  [[1, 3], [1, 2], [0, 1], false, [9, 9], [4, 9, 5]],
] as const)
  for (const type of ['maxPool', 'avgPool'] as const)
    test(`${type} as torch: ${JSON.stringify({ kernel, stride, padding, ceil, h, w })}`, (t) =>
      t.deepEqual(through({ type, kernel, stride, padding, ceil }, 4, h, w), [...expected]))

test('conv4: shapes, names and number of parameters as the same network in torch.nn', (t) => {
  const net = { ...conv4(), input: grey(28) }
  const shapes = layerShapes(net)
  t.deepEqual(
    shapes.filter((s) => s.type === 'maxPool').map((s) => s.output),
    [
      [64, 14, 14],
      [64, 7, 7],
      [64, 3, 3],
      [64, 1, 1],
    ],
  )
  t.deepEqual(
    shapes.slice(0, 4).map((s) => s.path),
    ['block1.conv', 'block1.norm', 'block1.2', 'block1.3'],
  )
  t.deepEqual(
    shapes.flatMap((s) => s.tensors.map((tensor) => tensor.name)).slice(0, 6),
    ['conv.weight', 'conv.bias', 'norm.weight', 'norm.bias', 'norm.running_mean', 'norm.running_var'].map(
      (n) => `block1.${n}`,
    ),
  )
  t.deepEqual(shapes.at(-1)?.tensors, [
    { name: 'embedding.weight', shape: [128, 64], trainable: true },
    { name: 'embedding.bias', shape: [128], trainable: true },
  ])
  // sum(p.numel() for p in net.parameters())
  t.is(parameterCount(net), 640 + 3 * 36_928 + 4 * 128 + 8_320)
  t.is(embeddingSize(net), 128)
  t.deepEqual(layerShapes({ ...conv4({ width: 32 }), input: grey(56, 46) }).at(-1)?.input, [32 * 3 * 2])
  t.deepEqual(
    layerShapes({ ...conv4({ width: [4, 8, 16, 32] }), input: grey(28) })
      .filter((s) => s.type === 'maxPool')
      .map((s) => s.output),
    [
      [4, 14, 14],
      [8, 7, 7],
      [16, 3, 3],
      [32, 1, 1],
    ],
  )
})

test("CasiaNet: sizes and weights of the paper's table", (t) => {
  const net = { ...casiaNet(), input: grey(100) }
  const shapes = layerShapes(net)
  const table = shapes
    .filter((s) => s.type === 'conv')
    .map((s) => [s.path, ...s.output, s.tensors[0]?.shape.reduce((a, b) => a * b) ?? 0, s.tensors[1]?.shape[0]])
  t.deepEqual(table, [
    ['conv11', 32, 100, 100, 288, 32],
    ['conv12', 64, 100, 100, 18_432, 64],
    ['conv21', 64, 50, 50, 36_864, 64],
    ['conv22', 128, 50, 50, 73_728, 128],
    ['conv31', 96, 25, 25, 110_592, 96],
    ['conv32', 192, 25, 25, 165_888, 192],
    ['conv41', 128, 13, 13, 221_184, 128],
    ['conv42', 256, 13, 13, 294_912, 256],
    ['conv51', 160, 7, 7, 368_640, 160],
    ['conv52', 320, 7, 7, 460_800, 320],
  ])
  t.deepEqual(shapes.at(-1)?.output, [320])
  t.is(parameterCount(net), 1_751_328 + 1_440)
  // No ReLU after the last convolution, one after each other one.
  t.is(shapes.filter((s) => s.type === 'relu').length, 9)
  t.is(shapes.at(-2)?.path, 'conv52')
})

const misfits: [string, Layer[], [number, number, number], string, RegExp][] = [
  [
    'max pool on one pixel',
    [{ type: 'maxPool', kernel: 2 }],
    [3, 1, 1],
    '0',
    /^Layer 0 \(maxPool\) got \[n, 3, 1, 1\] but needs h >= 2 and w >= 2/,
  ],
  [
    'linear without flatten',
    [{ type: 'linear', name: 'fc', out: 4 }],
    [3, 8, 8],
    'fc',
    /^Layer fc \(linear\) got \[n, 3, 8, 8\] but needs \[n, d\]/,
  ],
  ['no embedding at the end', [conv({})], [1, 8, 8], 'c', /^Layer c \(conv\) gives \[n, 8, 6, 6\] but needs \[n, d\]/],
  [
    'kernel larger than the input',
    [conv({ kernel: 9, padding: 1 })],
    [1, 6, 8],
    'c',
    /got \[n, 1, 6, 8\] but needs h >= 7 and w >= 7 for kernel 9, padding 1/,
  ],
  [
    'groups that do not divide',
    [conv({ groups: 2 })],
    [3, 8, 8],
    'c',
    /got \[n, 3, 8, 8\] but needs channels in 2 equal groups/,
  ],
  [
    'a convolution after flatten',
    [{ type: 'flatten' }, conv({})],
    [1, 8, 8],
    'c',
    /got \[n, 64\] but needs \[n, c, h, w\]/,
  ],
  [
    'deep inside',
    [
      {
        type: 'sequence',
        name: 'a',
        layers: [{ type: 'sequence', name: 'b', layers: [{ type: 'relu' }, { type: 'avgPool', kernel: [1, 9] }] }],
      },
    ],
    [1, 8, 8],
    'a.b.1',
    /^Layer a\.b\.1 \(avgPool\) got \[n, 1, 8, 8\] but needs h >= 1 and w >= 9 for kernel \[1,9\]$/,
  ],
]
for (const [title, list, [channels, height, width], option, message] of misfits)
  test(`a layer that does not fit is named: ${title}`, (t) => {
    const error = t.throws(() => layers({ input: { channels, height, width }, layers: list }), {
      instanceOf: NPairError,
      message,
    })
    t.is(error?.code, 'LAYER_SHAPE')
    t.is(error?.option, option)
  })

test('conv4 on images that vanish on the way names the pool', (t) => {
  const error = t.throws(() => conv4({ input: grey(12) }), { instanceOf: NPairError })
  t.is(error?.option, 'block4.3')
  t.regex(error?.message ?? '', /got \[n, 64, 1, 1\]/)
})

test('a net that takes its input from the data has no shapes yet', (t) => {
  const error = t.throws(() => layerShapes(conv4()), { instanceOf: NPairError })
  t.is(error?.code, 'INVALID_OPTION')
  t.is(error?.option, 'net.input')
})
