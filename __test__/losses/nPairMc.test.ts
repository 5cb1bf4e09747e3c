import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { NPairError } from '../../src/errors.js'
import { create, nPairMc } from '../../src/losses/losses.js'
import type { NPairMcOptions } from '../../src/losses/nPairMc.js'
import { close, double, loss, normOf, randomPairs, relative } from './pairBatch.js'

const corners = [
  [1, 1],
  [1, -1],
  [-1, 1],
  [-1, -1],
]
const v6 = {
  f: [
    [1, 0, 2],
    [0, 1, 1],
    [2, 1, 0],
  ].map((row) => row.map((x) => x / 2)),
  g: [
    [1, 1, 1],
    [0, 2, 1],
    [1, 0, 0],
  ].map((row) => row.map((x) => x / 2)),
}
test('the plan is frozen plain data; compute does not show in it', (t) => {
  const plan = nPairMc()
  t.deepEqual(JSON.parse(JSON.stringify(plan)), {
    type: 'nPairMc',
    l2: 5e-3,
    l2Convention: 'sum',
    l2Of: 'squaredNorm',
    temperature: 1,
    normalize: false,
    queries: 'anchors',
    sameClass: 'error',
  })
  t.false(Object.keys(plan).includes('compute'))
  t.true(Object.isFrozen(plan))
  t.is(typeof plan.compute, 'function')
  t.deepEqual({ ...create({ type: 'nPairMc', l2: 1, normalize: true }) }, { ...nPairMc({ l2: 1, normalize: true }) })
})

test('V1 (TensorFlow Addons, case B): corners of a square', async (t) => {
  const { loss: value } = await loss().compute(...double(corners, corners))
  t.true(close(value, Math.log(1 + 2 * Math.exp(-2) + Math.exp(-4)), 1e-14))
  t.true(close(value, 0.25385602208594504, 1e-14))
})

test('V2 (ronekko): the penalty as the mean over all rows', async (t) => {
  const f = [
    [1, 1],
    [-1, 1],
    [-1, -1],
    [1, -1],
  ]
  const { loss: value, terms } = await loss({ l2: 1e-3, l2Convention: 'mean' }).compute(...double(f, f))
  t.true(close(value, 0.2558560220859451, 1e-14))
  t.true(close(terms.l2 ?? Number.NaN, 2e-3, 1e-16))
  t.true(close((terms.nPairMc ?? Number.NaN) + (terms.l2 ?? Number.NaN), value, 1e-15))
})

test('V4 (pytorch-metric-learning): normalised, with penalty, and plain', async (t) => {
  const row = (degrees: number) => [
    2.3 * Math.cos((degrees * Math.PI) / 180),
    2.3 * Math.sin((degrees * Math.PI) / 180),
  ]
  const batch = double([row(0), row(40)], [row(20), row(60)])
  const value = async (options: NPairMcOptions) => (await loss(options).compute(...batch)).loss
  t.true(close(await value({ normalize: true }), 0.5952110276, 5e-11))
  t.true(close(await value({ normalize: true, l2: 1, l2Convention: 'mean' }), 5.8852110276, 5e-11))
  t.true(close(await value({}), 0.3931767803, 5e-11))
})

test('V6, V6g, V6h: value and gradient; the loss is not symmetric', async (t) => {
  const { loss: value, gradient } = await loss().compute(...double(v6.f, v6.g))
  t.true(close(value, 0.956618971, 5e-11))
  const expected = [
    [
      -0.0544159726, 0.0120367705, -0.0423792021, 0.0926310035, -0.1276029745, -0.034971971, -0.0507507237,
      0.1666666667, 0.1159159429,
    ],
    [
      0.0335352637, 0.1228242517, -0.135931317, 0.1559174201, -0.0418802797, 0.0162009418, -0.1894526838, -0.0809439719,
      0.1197303752,
    ],
  ].flat()
  t.is(gradient.length, 18)
  gradient.forEach((x, i) => {
    t.true(close(x, expected[i] as number, 6e-11), `${i}: ${x}`)
  })
  t.true(close((await loss().compute(...double(v6.g, v6.f))).loss, 0.9434758257, 5e-11))
})

test('V6r: every convention of the penalty', async (t) => {
  const l2 = async (options: NPairMcOptions) =>
    (await loss(options).compute(...double(v6.f, v6.g))).terms.l2 ?? Number.NaN
  t.true(close(await l2({ l2: 0.002, l2Convention: 'quarter' }), 8.75e-4, 1e-16))
  t.true(close(await l2({ l2: 0.02, l2Convention: 'quarter' }), 8.75e-3, 1e-16))
  t.true(close(await l2({ l2: 3e-3, l2Convention: 'mean' }), 2.625e-3, 1e-16))
  t.true(close(await l2({ l2: 0.02, l2Convention: 'sum' }), 3.5e-2, 1e-16))
  t.true(close(await l2({ l2: 5e-3 }), 5e-3 * 1.75, 1e-16))
})

test('V9: embeddings that are all alike cost ln N', async (t) => {
  const ones = Array.from({ length: 4 }, () => [1, 1, 1])
  t.true(close((await loss().compute(...double(ones, ones))).loss, Math.log(4), 1e-15))
})

test('V10 and case D: large inner products stay finite and exact', async (t) => {
  const f = [
    [100, 0],
    [0, 100],
  ]
  t.is((await loss().compute(...double(f, f))).loss, 0)
  const opposite = await loss().compute(
    ...double(
      f,
      f.map((row) => row.map((x) => -x)),
    ),
  )
  t.is(opposite.loss, 10_000)
  t.true(opposite.gradient.every(Number.isFinite))
  const a = [
    [100, 0],
    [0, 100],
    [-100, 0],
  ]
  const p = [
    [100, 0],
    [0, 100],
    [100, 0],
  ]
  // Row by row: ln 2, 0, 10000.
  t.true(close((await loss().compute(...double(a, p))).loss, (Math.LN2 + 10_000) / 3, 1e-11))
  const single = await loss().compute(new Embeddings(Float32Array.from([...a, ...p].flat()), 2), [0, 1, 2, 0, 1, 2])
  t.true(close(single.loss, (Math.LN2 + 10_000) / 3, 1e-3))
  t.true(single.gradient.data.every(Number.isFinite))
})

test('case A (pytorch-metric-learning): first pair of each class', async (t) => {
  const row = (degrees: number) => [
    4.6 * Math.cos((degrees * Math.PI) / 180),
    1.15 * Math.sin((degrees * Math.PI) / 180),
  ]
  const batch = [{ data: Float64Array.from([0, 20, 40, 60].flatMap(row)), size: 2 }, [0, 0, 1, 1]] as const
  const expected = {
    dot: [
      3.341545863358648,
      [-9.20888e-5, 2.74368e-5, 1.7594868513, 0.3691401271, 1.0100268733, -0.3009257887, -1.7594868513, -0.3691401271],
    ],
    normalized: [
      0.6773804686743394,
      [0, 0.0160190514, -0.0010628575, 0.0116807075, 0.0045391195, -0.0216380477, 0.0071331884, -0.0164733931],
    ],
  } as const
  for (const normalize of [false, true]) {
    const [value, gradient] = expected[normalize ? 'normalized' : 'dot']
    const got = await loss({ normalize }).compute(...batch)
    t.true(close(got.loss, value, 1e-13))
    got.gradient.forEach((x, i) => {
      t.true(close(x, gradient[i] as number, 6e-11), `${normalize} ${i}: ${x}`)
    })
  }
})

// Case C: a_ij = sin(1 + iD + j), p_ij = cos(1 + iD + j); numbers of pytorch-metric-learning
for (const [n, d, plain, normalized, sharp, squaresA, squaresP] of [
  [4, 3, 1.468442475748991, 1.430230481892965, 4.598286291872844, 0.39434635906590054, 0.4351379754196192],
  [8, 5, 3.2943296491120337, 2.3093345238501195, 24.71532729685669, 0.46678679907410653, 0.5248443109307819],
  [257, 33, 19.748357114179296, 5.785029001537595, 167.15418531170758, 0.12462532609861281, 0.12485065789923655],
] as const)
  test(`case C: N = ${n}, D = ${d}`, async (t) => {
    const rows = (f: (x: number) => number) =>
      Array.from({ length: n }, (_, i) => Array.from({ length: d }, (_, j) => f(1 + i * d + j)))
    const batch = double(rows(Math.sin), rows(Math.cos))
    const { loss: value, gradient } = await loss().compute(...batch)
    t.true(close(value, plain, 1e-12 * plain))
    t.true(close(normOf(gradient.subarray(0, n * d)) ** 2, squaresA, 1e-12))
    t.true(close(normOf(gradient.subarray(n * d)) ** 2, squaresP, 1e-12))
    t.true(close((await loss({ normalize: true }).compute(...batch)).loss, normalized, 1e-12))
    t.true(close((await loss({ temperature: 0.1 }).compute(...batch)).loss, sharp, 1e-11))
  })

test('case C: the whole gradient for N = 4, D = 3', async (t) => {
  const at = (f: (x: number) => number) =>
    Array.from({ length: 4 }, (_, i) => Array.from({ length: 3 }, (_, j) => f(1 + i * 3 + j)))
  const { gradient } = await loss().compute(...double(at(Math.sin), at(Math.cos)))
  const expected = [
    [-0.09728953154647181, 0.08058333255470315, 0.1843682523341623],
    [0.1343664572623034, -0.09206429266293387, -0.23385155649010822],
    [-0.2187741906232861, 0.03389386301491186, 0.2554000553067575],
    [0.24735507486126518, -0.042408895830539056, -0.29318232327438914],
    [-0.23880588645803572, -0.29738648758050307, -0.08255132348950968],
    [0.23567194115828127, 0.29299876834882294, 0.08094387915250656],
    [-0.11057987743101651, -0.20416788561078084, -0.1100448813284384],
    [0.11371382273077098, 0.20855560484246105, 0.11165232566544155],
  ].flat()
  t.true(relative(gradient, expected) < 1e-13)
})

test('rows may come in any order: the gradient comes back in the same one', async (t) => {
  const [f, g] = randomPairs(5, 4, 1)
  const { loss: value, gradient } = await loss({ l2: 0.1 }).compute(...double(f, g))
  // Interleaved, classes in another order: the first row of a label is its anchor.
  const classes = [3, 0, 4, 1, 2]
  const rows = classes.flatMap((c) => [f[c], g[c]] as number[][])
  const labels = classes.flatMap((c) => [`class ${c}`, `class ${c}`])
  const mixed = await loss({ l2: 0.1 }).compute({ data: Float64Array.from(rows.flat()), size: 4 }, labels)
  t.true(close(mixed.loss, value, 1e-14))
  classes.forEach((c, i) => {
    t.true(relative(mixed.gradient.subarray(8 * i, 8 * i + 4), gradient.subarray(4 * c, 4 * c + 4)) < 1e-13)
    t.true(relative(mixed.gradient.subarray(8 * i + 4, 8 * i + 8), gradient.subarray(20 + 4 * c, 24 + 4 * c)) < 1e-13)
  })
})

test('one pair: only the penalty', async (t) => {
  const single = await loss().compute(new Embeddings(Float32Array.from([1, 2, 3, 4]), 2), ['a', 'a'])
  t.is(single.loss, 0)
  t.deepEqual([...single.gradient.data], [0, 0, 0, 0])
  t.is(single.gradient.size, 2)
  const { loss: value, gradient } = await loss({ l2: 0.5 }).compute(...double([[1, 2]], [[3, 4]]))
  t.is(value, 15)
  t.deepEqual([...gradient], [1, 2, 3, 4])
})

const two = new Embeddings(new Float32Array(8), 2)
const badCalls: [string, unknown, unknown, string, RegExp][] = [
  ['a label once', two, [0, 0, 1, 2], 'labels', /exactly twice .* but 1 is there once \(row 2\)/],
  ['a label three times', two, ['a', 'a', 'b', 'a'], 'labels', /but "a" is there 3 times \(rows 0, 1, 3\)/],
  ['too few labels', two, [0, 0], 'labels', /Expected 4 labels, one a row, for labels/],
  ['a label that is no number', two, [0, 0, Number.NaN, 1], 'labels[2]', /finite number or a string/],
  ['no labels', two, undefined, 'labels', /an array/],
  ['no rows', new Embeddings(new Float32Array(0), 2), [], 'labels', /at least one pair/],
  ['an array for embeddings', [1, 2], [0, 0], 'embeddings', /Embeddings/],
  ['a size that does not divide', { data: new Float64Array(4), size: 3 }, [0, 0], 'embeddings.size', /divisor/],
]
for (const [title, embeddings, labels, option, message] of badCalls)
  test(`refused: ${title}`, async (t) => {
    const error = await t.throwsAsync(() => loss().compute(embeddings as never, labels as never), {
      instanceOf: NPairError,
      message,
    })
    t.is(error?.code, 'INVALID_OPTION')
    t.is(error?.option, option)
  })

const badOptions: [object, string][] = [
  [{ l2: -1 }, 'l2'],
  [{ l2: '5e-3' }, 'l2'],
  [{ l2: Number.POSITIVE_INFINITY }, 'l2'],
  [{ l2Convention: 'half' }, 'l2Convention'],
  [{ temperature: 0 }, 'temperature'],
  [{ temperature: null }, 'temperature'],
  [{ normalize: 1 }, 'normalize'],
  [{ margin: 1 }, 'margin'],
]
for (const [options, option] of badOptions)
  test(`refused option: ${JSON.stringify(options)}`, (t) => {
    const error = t.throws(() => nPairMc(options), { instanceOf: NPairError })
    t.is(error?.code, 'INVALID_OPTION')
    t.is(error?.option, option)
    t.is(t.throws(() => create({ type: 'nPairMc', ...options }), { instanceOf: NPairError })?.option, `loss.${option}`)
  })
