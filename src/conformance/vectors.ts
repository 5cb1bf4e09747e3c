import type { LossOptions } from '../losses/create.js'
import type { Labels } from '../losses/loss.js'

/** A published or derived number that a loss must give. */
export interface Vector {
  readonly id: string
  /** Where it is from. */
  readonly source: string
  /** One without parameters of its own. */
  readonly loss: Exclude<LossOptions, { type: 'softmax' | 'arcFace' | 'cosFace' | 'proxyAnchor' }>
  /** Row by row. */
  readonly rows: readonly (readonly number[])[]
  readonly labels: Labels
  /** Value, or a term of it. */
  readonly expected: number
  readonly term?: string
  /** The first numbers of the gradient, where they are part of the vector. */
  readonly gradient?: readonly number[]
}

const times = (factor: number, rows: readonly (readonly number[])[]) => rows.map((row) => row.map((x) => factor * x))
const twice = (n: number) => Array.from({ length: 2 * n }, (_, i) => i % n)
const circle = [0, 40, 20, 60].map((degrees) => [
  2.3 * Math.cos((degrees * Math.PI) / 180),
  2.3 * Math.sin((degrees * Math.PI) / 180),
])
const corners = [
  [1, 1],
  [1, -1],
  [-1, 1],
  [-1, -1],
]
const square = [...corners, ...corners]
const v5 = [
  [1, 2],
  [3, 4],
  [5, 6],
  [5, 9],
  [3, 6],
  [1, 8],
]
const f = times(0.5, [
  [1, 0, 2],
  [0, 1, 1],
  [2, 1, 0],
])
const g = times(0.5, [
  [1, 1, 1],
  [0, 2, 1],
  [1, 0, 0],
])
const v6 = [...f, ...g]
const ones = Array.from({ length: 8 }, () => [1, 1, 1])
const axes = [
  [100, 0],
  [0, 100],
]
const mc = { type: 'nPairMc', l2: 0 } as const
const ovo = { type: 'nPairOvo', l2: 0 } as const
const sets = [[0, 1], [1, 2], [2, 3], [3]]
const addons = 'TensorFlow Addons, npairs_test.py'
const pml = 'pytorch-metric-learning, test_npairs_loss.py'
const derived = 'derived from the equations in float64'

/** V1 to V11. */
export const vectors: readonly Vector[] = [
  { id: 'V1', source: addons, loss: mc, rows: square, labels: twice(4), expected: 0.2538560221 },
  { id: 'V1 ovo', source: derived, loss: ovo, rows: square, labels: twice(4), expected: 0.27200595 },
  {
    ...{
      id: 'V2',
      source: 'ronekko/deep_metric_learning, l2_reg 1e-3',
      loss: { ...mc, l2: 1e-3, l2Convention: 'mean' },
    },
    ...{ rows: square, labels: twice(4), expected: 0.2558560221 },
  },
  {
    ...{ id: 'V3', source: `${addons}, multilabel`, loss: { ...mc, sameClass: 'soft' } },
    ...{ rows: square, labels: [...sets, ...sets], expected: 1.4205226888 },
  },
  {
    ...{ id: 'V4', source: pml, loss: { ...mc, normalize: true }, rows: circle, labels: twice(2) },
    expected: 0.5952110276,
  },
  {
    ...{ id: 'V4 with penalty', source: `${pml}, LpRegularizer(power=2)`, rows: circle, labels: twice(2) },
    ...{ loss: { ...mc, normalize: true, l2: 1, l2Convention: 'mean' }, expected: 5.8852110276 },
  },
  { id: 'V4 plain', source: pml, loss: mc, rows: circle, labels: twice(2), expected: 0.3931767803 },
  { id: 'V5', source: 'TensorFlow Addons, docstring', loss: mc, rows: v5, labels: twice(3), expected: 14.6676034634 },
  {
    ...{ id: 'V5 soft', source: 'TensorFlow Addons, docstring', loss: { ...mc, sameClass: 'soft' }, rows: v5 },
    ...{ labels: [0, 0, 1, 0, 0, 1], expected: 13.0009367967 },
  },
  {
    ...{ id: 'V6, V6g', source: derived, loss: mc, rows: v6, labels: twice(3), expected: 0.956618971 },
    gradient: [
      ...[-0.0544159726, 0.0120367705, -0.0423792021, 0.0926310035, -0.1276029745, -0.034971971, -0.0507507237],
      ...[0.1666666667, 0.1159159429, 0.0335352637, 0.1228242517, -0.135931317, 0.1559174201, -0.0418802797],
      ...[0.0162009418, -0.1894526838, -0.0809439719, 0.1197303752],
    ],
  },
  { id: 'V6 swapped', source: derived, loss: mc, rows: [...g, ...f], labels: twice(3), expected: 0.9434758257 },
  {
    ...{ id: 'V6 symmetric', source: derived, loss: { ...mc, queries: 'symmetric' }, rows: v6, labels: twice(3) },
    expected: 0.9500473984,
  },
  { id: 'V6 ovo', source: derived, loss: ovo, rows: v6, labels: twice(3), expected: 1.1773044768 },
  ...(
    [
      ['TensorFlow, 0.002', 'quarter', 0.002, 8.75e-4],
      ['TensorFlow, 0.02', 'quarter', 0.02, 8.75e-3],
      ['ronekko, 3e-3', 'mean', 3e-3, 2.625e-3],
      ['leeesangwon, 0.02', 'sum', 0.02, 3.5e-2],
    ] as const
  ).map(
    ([source, l2Convention, l2, expected]): Vector => ({
      ...{ id: `V6r ${source}`, source, loss: { ...mc, l2, l2Convention }, rows: v6, labels: twice(3), expected },
      term: 'l2',
    }),
  ),
  {
    ...{ id: 'V7 soft', source: derived, loss: { ...mc, sameClass: 'soft' }, rows: v6, labels: [0, 0, 1, 0, 0, 1] },
    expected: 1.0399523044,
  },
  {
    ...{ id: 'V7 masked', source: derived, loss: { ...mc, sameClass: 'mask' }, rows: v6, labels: [0, 0, 1, 0, 0, 1] },
    expected: 0.6833393071,
  },
  { id: 'V7 unaware', source: derived, loss: mc, rows: v6, labels: twice(3), expected: 0.956618971 },
  {
    ...{ id: 'V8', source: 'Eq. 8 over 2N queries', loss: { ...mc, queries: 'all', sameClass: 'sum' } },
    ...{ rows: v6, labels: twice(3), expected: 1.414024261 },
  },
  {
    ...{ id: 'V8 with penalty', source: 'Roth 2020, 0.005 · mean norm', rows: v6, labels: twice(3) },
    loss: { ...mc, queries: 'all', l2: 0.005, l2Of: 'norm', l2Convention: 'mean' },
    expected: 1.4185469561,
  },
  { id: 'V9', source: 'ln 4', loss: mc, rows: ones, labels: twice(4), expected: 1.3862943611 },
  { id: 'V9 ovo', source: '3 ln 2', loss: ovo, rows: ones, labels: twice(4), expected: 2.0794415417 },
  { id: 'V10', source: derived, loss: mc, rows: [...axes, ...axes], labels: twice(2), expected: 0 },
  {
    ...{ id: 'V10 negated', source: derived, loss: mc, rows: [...axes, ...times(-1, axes)], labels: twice(2) },
    expected: 10_000,
  },
  {
    ...{ id: 'V11 margin triplet', source: 'torch.nn.TripletMarginLoss(margin=0.1)', expected: 0.3 },
    ...{ loss: { type: 'tripletMargin', margin: 0.1 }, labels: [0, 1, 0, 1, 1, 0] },
    rows: [
      [0, 0],
      [1, 0],
      [1, 0],
      [1, 2],
      [0, 0.5],
      [4, 0],
    ],
  },
  {
    ...{ id: 'V11 N-pair-mc', source: 'ln 2', loss: mc, labels: twice(2), expected: Math.LN2 },
    rows: [
      [0, 0],
      [1, 0],
      [1, 0],
      [1, 2],
    ],
  },
]
