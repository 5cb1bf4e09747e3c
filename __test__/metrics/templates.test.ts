import test from 'ava'
import { NPairError } from '../../src/errors.js'
import { templates } from '../../src/metrics/templates.js'
import { Random } from '../../src/random.js'
import { exactRows, list } from './exactRows.js'

test('thousands of small sets, single images and rows of zeros among them: the mean of rows of length 1, by identity', (t) => {
  for (let seed = 0; seed < 3000; seed++) {
    const random = new Random(seed, 'report')
    const count = 1 + random.below(9)
    const embeddings = exactRows(random, count, seed % 3 === 0 ? 'dot' : 'cosine')
    const labels = list(random, count, 5).map((label) => label * 3 - 2)
    const found = templates(embeddings, labels)
    const identities = [...new Set(labels)].sort((a, b) => a - b)
    t.deepEqual(found.labels, identities)
    t.is(found.embeddings.metric, embeddings.metric)
    identities.forEach((identity, i) => {
      const own = labels.flatMap((label, row) => (label === identity ? [[...embeddings.row(row)]] : []))
      const lengths = own.map((row) => (embeddings.metric === 'dot' ? 1 : Math.hypot(...row) || 1))
      const mean = [0, 1].map(
        (k) => own.reduce((sum, row, r) => sum + (row[k] as number) / (lengths[r] as number), 0) / own.length,
      )
      t.deepEqual([...found.embeddings.row(i)], mean.map(Math.fround), JSON.stringify({ labels, identity }))
    })
  }
  t.throws(() => templates(exactRows(new Random(1, 'report'), 3), [1, 2]), {
    instanceOf: NPairError,
    message: /labels/,
  })
})
