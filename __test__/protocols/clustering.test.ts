import { readFileSync } from 'node:fs'
import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { NPairError } from '../../src/errors.js'
import { type ClusteringOptions, clustering } from '../../src/protocols/clustering.js'
import { create } from '../../src/protocols/create.js'
import { evaluate } from '../../src/protocols/evaluate.js'
import { formatTable } from '../../src/protocols/formatTable.js'
import { labelledData, noisyEmbedder } from './labelledData.js'

const fixture = JSON.parse(readFileSync(new URL('../fixtures/clustering.json', import.meta.url), 'utf8'))
const data = labelledData(fixture.sizes)
const embedder = { embedDataset: async () => new Embeddings(Float32Array.from(fixture.rows), fixture.size) }

for (const [name, options] of [
  ['cosine', {}],
  ['euclidean', { normalize: false }],
  ['five', { normalize: false, clusters: 5 }],
] as [string, ClusteringOptions][])
  test(`the figures of scikit-learn's best clustering: ${name}`, async (t) => {
    const result = await evaluate(embedder, clustering(data, { restarts: 300, seed: 2, ...options }))
    const expected = fixture[name]
    const close = (found: unknown, key: string, most: number) =>
      t.true(
        Math.abs((found as number) - expected[key]) <= most * Math.abs(expected[key]),
        `${key}: ${found}, ${expected[key]}`,
      )
    for (const key of ['nmi', 'ami', 'f1', 'vMeasure', 'purity']) close(result.figures[key]?.value, key, 1e-12)
    const rows = result.tables.parts?.rows ?? []
    ;['precision', 'recall', 'homogeneity', 'completeness'].forEach((key, i) => void close(rows[i]?.[1], key, 1e-12))
    close(rows[4]?.[1], 'inertia', 1e-6)
    t.is(result.headline, 'nmi')
    t.like(result.counts, { images: 124, classes: 8, clusters: options.clusters ?? 8 })
  })

test('a perfect embedder has 1 everywhere; chance has an AMI about 0; the same seed gives the same result', async (t) => {
  const made = create({ type: 'clustering', restarts: 10 }, labelledData([4, 2, 7]))
  const perfect = await evaluate(noisyEmbedder(0.01), made)
  for (const [name, { value }] of Object.entries(perfect.figures)) t.true(Math.abs(value - 1) < 1e-12, name)
  for (const [name, { interval }] of Object.entries(perfect.figures))
    t.true((interval?.low as number) > 1 - 1e-12 && (interval?.high as number) <= 1, name)
  t.regex(
    perfect.definition,
    / 95 % intervals, .* of the classes of this one clustering, [^.]* nothing is clustered anew\.$/,
  )
  t.deepEqual(await evaluate(noisyEmbedder(0.01), made), perfect)
  t.deepEqual(JSON.parse(JSON.stringify(perfect)), perfect)
  t.regex(formatTable(perfect), /NMI +100\.00 %[\s\S]*Pairwise F1 +100\.00 %/)
  const chance = await evaluate(noisyEmbedder(1e3), clustering(labelledData(new Array<number>(20).fill(10))))
  t.true(Math.abs(chance.figures.ami?.value as number) < 0.08, String(chance.figures.ami?.value))
})

test('refused by name: options, and data that cannot be clustered into classes', (t) => {
  for (const [options, option] of [
    [{ clusters: 1 }, 'clustering.clusters'],
    [{ clusters: 125 }, 'clustering.clusters'],
    [{ restarts: 0 }, 'clustering.restarts'],
    [{ normalize: 'yes' }, 'clustering.normalize'],
    [{ seed: -1 }, 'clustering.seed'],
    [{ bootstrap: -1 }, 'clustering.bootstrap'],
    [{ resamples: 3 }, 'clustering.resamples'],
  ] as [object, string][])
    t.is(t.throws(() => clustering(data, options), { instanceOf: NPairError })?.option, option)
  for (const sizes of [[5], [1, 1, 1], []])
    t.is(t.throws(() => clustering(labelledData(sizes)), { instanceOf: NPairError })?.code, 'DATA_CLASSES')
})
