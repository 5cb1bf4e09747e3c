import test from 'ava'
import { evaluate } from '../../src/protocols/evaluate.js'
import { formatTable } from '../../src/protocols/formatTable.js'
import { retrieval } from '../../src/protocols/retrieval.js'
import { labelledData, noisyEmbedder } from './labelledData.js'

test('images that the source left out are counted and named, of whichever part of it is judged', async (t) => {
  const skipped = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `faces/${name}.jpg`)
  const { test: half } = labelledData([3, 3, 3, 3], [], { skipped }).splitByClass({ test: 0.5 })
  const result = await evaluate(noisyEmbedder(1), retrieval(half, { bootstrap: 0 }))
  t.is(result.counts.skippedImages, 6)
  t.regex(
    result.notes.join(),
    /^6 images of the whole source could not be read and are not in the data: faces\/a\.jpg, .*faces\/e\.jpg, …\.$/,
  )
  t.regex(formatTable(result), /skipped images 6[\s\S]*6 images of the whole source/)

  const whole = await evaluate(noisyEmbedder(1), retrieval(labelledData([3, 3]), { bootstrap: 0 }))
  t.false('skippedImages' in whole.counts)
  t.deepEqual(whole.notes, [])
})
