import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { checkTrainConfig } from '../../src/config/trainConfig.js'
import { datasets } from '../../src/data/datasets.js'
import { resumeConfig, trainConfig } from '../../src/report/trainConfig.js'
import { readPlan } from '../../src/train/runFolder.js'
import { writeClasses } from '../data/imageFiles.js'
import { temporary } from '../train/tinyRun.js'

/** A run of two steps on twenty classes of four images, judged on the way. */
async function validated(t: ExecutionContext, split: object) {
  const folder = await temporary(t)
  const [path, output] = [join(folder, 'images'), join(folder, 'run')]
  writeClasses(path, new Array<number>(20).fill(4))
  const config = await checkTrainConfig({
    data: { type: 'folder', path, size: 8, split: { by: 'class', test: 0.5, ...split } },
    net: {
      type: 'layers',
      layers: [{ type: 'conv', name: 'a', out: 4, kernel: 3 }, { type: 'globalPool' }, { type: 'flatten' }],
    },
    validation: { protocol: { type: 'retrieval', bootstrap: 0 }, every: 1 },
    ...{ batch: { pairs: 2 }, steps: 2, device: 'cpu', threads: 1, output },
  })
  const judged = await trainConfig(config)
  const { data, validation, test: held } = await readPlan(output)
  if (!validation || !held) throw new Error('the plan has no validation')
  const classes = await Promise.all(
    [data, validation.data, held].map(async (p) => (await datasets.fromPlan(p)).classes),
  )
  return { output, judged, classes }
}

test('a validation judges on classes of the training half, so that the test half is held out', async (t) => {
  const { output, judged, classes } = await validated(t, {})
  t.deepEqual(
    classes.map(({ length }) => length),
    [8, 2, 10],
  )
  t.is(new Set(classes.flat()).size, 20)
  t.true(judged.results.length > 0)
  t.false(judged.results.some(({ notes }) => notes.some((note) => note.startsWith('Not held out'))))
  t.false((await readFile(join(output, 'report.html'), 'utf8')).includes('Not held out'))
})

test('who asks for a validation on the test half is told so in each result, in the report and after resume', async (t) => {
  const { output, judged, classes } = await validated(t, { validation: 'test' })
  t.deepEqual(classes[1], classes[2])
  t.is(classes[0]?.length, 10)
  t.true(judged.results.every(({ notes }) => notes[0]?.startsWith('Not held out: ')))
  t.regex(judged.text, /Not held out: .*data\.split\.validation/)
  t.true((await readFile(join(output, 'report.html'), 'utf8')).includes('Not held out: '))
  t.deepEqual((await resumeConfig(output)).results, judged.results)
})
