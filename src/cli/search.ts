import type { Command } from 'commander'
import { invalidOption } from '../errors.js'
import { countFlag } from './flags.js'
import { recallLine } from './recallLine.js'
import { type ViewFlags, viewOptions, viewsOf } from './views.js'

interface Flags extends ViewFlags {
  k: string
  json?: boolean
  output?: string
  approximate?: boolean
  candidates?: string
}

export function register(program: Command): void {
  const command = program
    .command('search')
    .description(
      'the images of an index that are most like others; exactly unless --approximate. Views are to be those of the index',
    )
    .argument('<model>', 'run folder or bundle that the index was made with')
    .argument('<index>', 'folder that `npair index` wrote')
    .argument('<images...>', 'images, or folders, to look for')
    .option('--k <count>', 'images to find for each', '5')
    .option('--json', 'print JSON')
    .option('--output <page.html>', 'also write a page with the pictures; of exact search')
    .option(
      '--approximate',
      'look at likely neighbours only, in an index that was made with --approximate; tells its recall',
    )
    .option(
      '--candidates <count>',
      'likely neighbours to look at for each, at least k: more find more (default: 128, or 2 k)',
    )
  viewOptions(command).action(async (model: string, index: string, images: string[], flags: Flags) => {
    const onNotice = (notice: string) => console.error(notice)
    const k = countFlag('--k', flags.k)
    const found = await (flags.approximate ? likely : exact)(model, index, images, k, flags, onNotice)
    if (flags.json) return console.log(JSON.stringify(found, null, 2))
    for (const { query, hits } of found) {
      console.log(query)
      for (const { id, score } of hits) console.log(`  ${score.toFixed(4)}  ${id}`)
    }
  })
}

async function exact(
  model: string,
  index: string,
  images: string[],
  k: number,
  { output, candidates, ...flags }: Flags,
  onNotice: (notice: string) => void,
) {
  if (candidates !== undefined) throw invalidOption('--candidates', 'none without --approximate', candidates)
  const { searchImages } = await import('../report/searchImages.js')
  return searchImages(model, index, images, { k, page: output, views: viewsOf(flags), onNotice })
}

async function likely(
  model: string,
  index: string,
  images: string[],
  k: number,
  { output, candidates: text, ...flags }: Flags,
  onNotice: (notice: string) => void,
) {
  if (output !== undefined) throw invalidOption('--output', 'none with --approximate', output)
  const candidates = text === undefined ? undefined : countFlag('--candidates', text)
  if (candidates !== undefined && candidates < k) throw invalidOption('--candidates', `an integer >= ${k}`, text)
  const { searchLikely } = await import('../retrieval/searchLikely.js')
  const { found, recall } = await searchLikely(model, index, images, { k, candidates, views: viewsOf(flags), onNotice })
  onNotice(recallLine(recall))
  return found
}
