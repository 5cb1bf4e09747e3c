import { rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ExecutionContext } from 'ava'
import type { Dataset } from '../../src/data/dataset.js'
import { compare, losses, mining, nets } from '../../src/index.js'
import { identification } from '../../src/protocols/identification.js'
import { retrieval } from '../../src/protocols/retrieval.js'
import { verification } from '../../src/protocols/verification.js'
import { judgeRun } from '../../src/report/judgeRun.js'
import { reportModels } from '../../src/report/reportModels.js'
import { reportRuns } from '../../src/report/reportRuns.js'
import { writeSearchPage } from '../../src/report/searchPage.js'
import { indexImages } from '../../src/retrieval/indexImages.js'
import { searchImages } from '../../src/retrieval/searchImages.js'
import { imagesOf } from '../cli/imagesOf.js'
import { noisyEmbedder } from '../protocols/labelledData.js'
import { characters, temporary, trainTiny } from '../train/tinyRun.js'

const long = (name: string) => `${name}${'-with-a-long-name'.repeat(5)}`

/** One of each kind of page that npair writes, with long names in it. */
export async function everyPage(t: ExecutionContext): Promise<string[]> {
  const folder = await temporary(t)
  const { test: data } = await characters()
  const runs = await judgedRuns(folder, data)
  return [
    join(runs[0], 'report.html'),
    await reportRuns(runs, join(folder, 'compared.html')),
    await modelsPage(folder, data),
    await comparisonPage(join(folder, 'comparison')),
    await searchPage(folder, runs[0]),
  ]
}

/** A run with everything that is plotted of training, and another; both judged. */
export async function judgedRuns(folder: string, data: Dataset): Promise<[string, string]> {
  const runs: [string, string] = [join(folder, 'a'), join(folder, long('b'))]
  for (const [i, run] of runs.entries()) {
    await trainTiny(run, {
      test: data,
      validationData: data,
      validation: { every: 4, protocol: { type: 'retrieval' } },
      ...(i === 0 && {
        batch: { pairs: 4, mining: mining.hardNegativeClasses({ candidates: 8 }) },
        guard: { onDivergence: 'skip', gradientSpike: 1.05, decay: 0.5, warmup: 0, maxCosine: 0.99999 },
      }),
    })
    await judgeRun(run, noisyEmbedder(1 + i), data)
  }
  return runs
}

/** A page of two models. */
export async function modelsPage(folder: string, data: Dataset): Promise<string> {
  const page = join(folder, 'judged.html')
  const models = ['a', long('b')].map((name, i) => ({ name, embedder: noisyEmbedder(1 + i) }))
  const judging = [verification(data, { folds: 3 }), retrieval(data), identification(data)]
  await reportModels({ page, models, protocols: judging })
  return page
}

/** A page of methods. */
async function comparisonPage(output: string): Promise<string> {
  await compare({
    data: { type: 'characters', size: 16, split: { by: 'superClass', test: ['alphabet01', 'alphabet02'] } },
    net: nets.conv4({ width: 4, embeddingSize: 8 }),
    ...{ batch: { pairs: 8 }, steps: 4, device: 'cpu', precision: 'float32', threads: 1, output },
    validation: { protocol: { type: 'identification', bootstrap: 0 } },
    compare: {
      seeds: [1, 2],
      methods: ['softmax', '8-pair-mc', { name: long('own').slice(0, 60), loss: losses.nPairMc({ l2: 0 }) }],
    },
  })
  return join(output, 'comparison.html')
}

/** A page of what was found, with a class and files of long names, one of which is gone. */
async function searchPage(folder: string, model: string): Promise<string> {
  const [page, index] = [join(folder, 'found.html'), join(folder, 'index')]
  const files = await imagesOf(join(folder, 'images'))
  const own = dirname(files[0] as string)
  const moved = join(dirname(own), long('class'))
  await rename(own, moved)
  const images = files.map((file) => file.replace(`${own}/`, `${moved}/`))
  const [first = '', second = '', last = ''] = [images[0], images[7], join(moved, `${long('image')}.png`)]
  await rename(images[1] as string, last)
  await indexImages(model, [join(folder, 'images')], index)
  await rm(last)
  await writeSearchPage(page, await searchImages(model, index, [first, second], { k: 36 }))
  return page
}
