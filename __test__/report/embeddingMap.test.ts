import { readFile } from 'node:fs/promises'
import test from 'ava'
import { Embeddings } from '../../src/embeddings.js'
import { Random } from '../../src/random.js'
import { embeddingMap, principalPlane } from '../../src/report/embeddingMap.js'
import { labelledData, noisyEmbedder } from '../protocols/labelledData.js'

test('the principal plane is that of scikit-learn', async (t) => {
  const text = await readFile(new URL('../fixtures/pca.json', import.meta.url), 'utf8')
  const { cases } = JSON.parse(text) as {
    cases: { rows: number[][]; plane: [number, number][]; explained: number }[]
  }
  t.true(cases.length >= 4)
  for (const { rows, plane, explained } of cases) {
    const found = await principalPlane(rows)
    t.true(Math.abs(found.explained - explained) < 1e-9)
    // Ours is moved and scaled into the unit square: undone by the extent of what scikit-learn gives.
    const range = [0, 1].map((axis) => {
      const values = plane.map((p) => p[axis] as number)
      return { low: Math.min(...values), high: Math.max(...values) }
    }) as [{ low: number; high: number }, { low: number; high: number }]
    const side = Math.max(...range.map(({ low, high }) => high - low))
    found.points.forEach((point, i) => {
      for (const axis of [0, 1] as const) {
        const expected = 0.5 + ((plane[i]?.[axis] as number) - (range[axis].low + range[axis].high) / 2) / side
        t.true(Math.abs(point[axis] - expected) < 1e-4, `row ${i}, axis ${axis}: ${point[axis]}, not ${expected}`)
      }
    })
  }
})

test('embeddings that are all the same are one point', async (t) => {
  const { points, explained } = await principalPlane(Array.from({ length: 9 }, () => [1, 2, 3]))
  t.deepEqual(
    points,
    Array.from({ length: 9 }, () => [0.5, 0.5] as [number, number]),
  )
  t.is(explained, 0)
})

test('maps: the classes drawn, the same ones every time; UMAP keeps separated classes apart', async (t) => {
  const data = labelledData(new Array<number>(60).fill(12))
  const embeddings = await noisyEmbedder(0.05).embedDataset(data)
  const [map, again, other] = [
    await embeddingMap(data, embeddings, false, { classes: 6, images: 10 }),
    await embeddingMap(data, embeddings, false, { classes: 6, images: 10 }),
    await embeddingMap(data, embeddings, false, { classes: 6, images: 10, seed: 1 }),
  ]
  t.deepEqual(map, again)
  t.notDeepEqual(map?.classes, other?.classes)
  if (map === undefined) return t.fail()
  t.is(map.classes.length, 6)
  t.is(map.classCount, 60)
  t.is(map.images.length, 60)
  t.is(map.sheet, undefined)
  for (const { points } of [map.pca, map.umap]) {
    t.is(points.length, 60)
    t.true(points.flat().every((x) => x >= 0 && x <= 1))
    const extent = [0, 1].map((axis) => {
      const values = points.map((p) => p[axis] as number)
      return Math.max(...values) - Math.min(...values)
    })
    t.true(Math.abs(Math.max(...extent) - 1) < 1e-3)
  }
  // The nine nearest on the map are the nine others of the class.
  for (const [i, [x, y]] of map.umap.points.entries()) {
    const order = map.umap.points
      .map(([u, v], j) => ({ c: map.images[j]?.c, distance: Math.hypot(x - u, y - v), j }))
      .filter(({ j }) => j !== i)
      .sort((a, b) => a.distance - b.distance)
    t.deepEqual(
      order.slice(0, 9).map(({ c }) => c),
      new Array(9).fill(map.images[i]?.c),
    )
  }
})

test('too little for a map gives none', async (t) => {
  const few = labelledData([3, 3])
  t.is(await embeddingMap(few, new Embeddings(new Float32Array(12).fill(1), 2), false), undefined)
  const data = labelledData([5, 5])
  const random = new Random(1, 'report')
  const line = new Embeddings(
    Float32Array.from({ length: 10 }, () => random.normal()),
    1,
  )
  t.is(await embeddingMap(data, line, false), undefined)
})
