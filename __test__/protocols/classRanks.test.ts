import test from 'ava'
import { sameClassRanks } from '../../src/metrics/sameClassRanks.js'
import { Gallery } from '../../src/native/gallery.js'
import { classRanks } from '../../src/protocols/classRanks.js'
import { Random } from '../../src/random.js'
import { someRows } from '../reference/nearest.js'

test('the engine gives the very ranks of the metric, duplicates and rows of zeros included', async (t) => {
  const random = new Random(2, 'report')
  // Just enough to be given to the engine, in several calls; some classes of one image, one of many.
  const rows = someRows(4700, 96, () => random.normal())
  const labels = Array.from({ length: rows.count }, (_, i) => (i % 40 === 0 ? -1 : random.below(1500)))
  t.true(rows.count ** 2 * rows.size > 2e9)
  t.deepEqual(await classRanks(rows, labels), sameClassRanks(rows, labels))
})

test('a class so large that its ranks take several calls', async (t) => {
  const random = new Random(3, 'report')
  const rows = someRows(3000, 2, () => random.normal())
  const labels = new Int32Array(rows.count)
  const unit = rows.normalized()
  const gallery = await Gallery.open(unit, { metric: 'dot', shortlist: 'float32' })
  const asked = { labels, cameras: new Int32Array(), own: Int32Array.from(labels.keys()) }
  t.deepEqual(await gallery.ranks(unit, asked, labels), sameClassRanks(rows, labels))
  await gallery.close()
})
