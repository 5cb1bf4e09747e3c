import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import { readNpy } from '../../src/model/readNpy.js'
import { npyOf, writeNoisyRows } from '../data/featureFiles.js'
import { temporary } from '../train/tinyRun.js'
import { npair } from './npair.js'

test('train, eval, embed and pack on features', async (t) => {
  const folder = await temporary(t)
  const { path, labels } = await writeNoisyRows(folder)
  const config = join(folder, 'config.json')
  await writeFile(
    config,
    JSON.stringify({
      data: { type: 'features', labels, normalize: true, split: { by: 'class', test: 0.4 } },
      ...{ net: { type: 'mlp', hidden: [16], embeddingSize: 4 }, batch: { pairs: 6 } },
      ...{ validation: { every: 5, protocol: { type: 'retrieval' } } },
      ...{ steps: 10, seed: 2, device: 'cpu', threads: 1 },
    }),
  )
  const run = join(folder, 'run')
  const trained = await npair('train', config, '--data', path, '--output', run)
  t.is(trained.code, 0, trained.stderr)
  t.regex(trained.stdout, /^untrained features: .*Recall@1 \d+\.\d\d % \[[^\]]+\] \(model: /m)
  t.true((await readdir(run)).includes('report.html'))
  const again = await npair('resume', run, '--data', path)
  t.is(again.stdout, trained.stdout, again.stderr)

  const judged = ['eval', run, '--data', path, '--protocol', 'retrieval']
  const evaluated = await npair(...judged, '--labels', labels, '--json')
  t.is(evaluated.code, 0, evaluated.stderr)
  t.is(JSON.parse(evaluated.stdout).counts.images, 120)
  for (const [flags, message] of [
    [[], '--labels'],
    [['--labels', labels, '--size', '28'], '--size'],
    [['--labels', labels, '--half', 'test'], '--half'],
    [['--labels', labels, '--broken', 'skip'], '--broken'],
    [['--labels', labels, '--type', 'folder'], '--labels'],
  ] as const) {
    const refused = await npair(...judged, ...flags)
    t.is(refused.code, 2, refused.stderr)
    t.true(refused.stderr.includes(`for ${message} but received`), refused.stderr)
  }

  const out = join(folder, 'out.npy')
  const embedded = await npair('embed', run, path, path, '--output', out)
  t.deepEqual(embedded, {
    ...{ code: 0, signal: null, stderr: '' },
    stdout: `240 embeddings of 4 numbers: ${out}; paths: ${folder}/out.txt\n`,
  })
  const { count, size, data } = await readNpy(out)
  t.deepEqual([count, size], [240, 4])
  t.deepEqual(data.subarray(0, 480), data.subarray(480))
  const names = (await readFile(join(folder, 'out.txt'), 'utf8')).split('\n')
  t.deepEqual([names[0], names[119], names[120], names.length], [`${path}:0`, `${path}:119`, `${path}:0`, 241])
  const other = join(folder, 'other.npy')
  await writeFile(other, npyOf('<f4', [2, 3], new Float32Array(6)))
  for (const [input, message] of [
    [other, /rows of 3 numbers, and the model takes 12 \[FEATURES_CORRUPT\]/],
    [labels, /Expected \.npy files \(this model embeds features\)/],
  ] as const) {
    const refused = await npair('embed', run, input, '--output', out)
    t.is(refused.code, 1)
    t.regex(refused.stderr, message)
  }

  const packed = await npair('pack', path, '--type', 'features', '--labels', labels)
  t.regex(packed.stdout, /^120 rows of 20 classes: .*\.pack$/m, packed.stderr)
})
