import type { Command } from 'commander'
import { invalidOption } from '../errors.js'
import { recallLine } from '../retrieval/recallLine.js'
import { countFlag } from './flags.js'
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
    .description('the images of an index that are most like others; exactly unless --approximate')
    .argument('<model>', 'run folder or bundle that the index was made with')
    .argument('<index>', 'folder that `npair index` wrote')
    .argument('<images...>', 'images, or folders, to look for')
    .option('--k <count>', 'images to find for each', '5')
    .option('--json', 'print JSON')
    .option('--output <page.html>', 'also write a page with the pictures')
    .option(
      '--approximate',
      'look at likely neighbours only, in an index that was made with --approximate; tells its recall',
    )
    .option(
      '--candidates <count>',
      'likely neighbours to look at for each, at least k: more find more (default: 128, or 2 k)',
    )
  viewOptions(command, 'as the index').action(async (model: string, index: string, paths: string[], flags: Flags) => {
    const candidates = candidatesOf(flags)
    const search = {
      ...{ k: countFlag('--k', flags.k), views: viewsOf(flags), onNotice: (notice: string) => console.error(notice) },
      ...(flags.approximate && { approximate: { candidates } }),
    }
    if (flags.output !== undefined) {
      const { requirePage } = await import('../report/requirePage.js')
      await requirePage(flags.output, '--output')
    }
    const { searchImages } = await import('../retrieval/searchImages.js')
    const images = await searchImages(model, index, paths, search)
    if (images.approximate) console.error(recallLine(images.recall))
    if (flags.json) console.log(JSON.stringify(images.found, null, 2))
    else
      for (const { query, hits } of images.found) {
        console.log(query)
        for (const { id, score } of hits) console.log(`  ${score.toFixed(4)}  ${id}`)
      }
    // Whatever fails here, what was found is told.
    if (flags.output !== undefined) {
      const { writeSearchPage } = await import('../report/searchPage.js')
      await writeSearchPage(flags.output, images)
    }
  })
}

/** How many likely neighbours are looked at, where the flags say it. */
function candidatesOf({ approximate, candidates: text, k }: Flags): number | undefined {
  if (text === undefined) return undefined
  if (!approximate) throw invalidOption('--candidates', 'none without --approximate', text)
  const candidates = countFlag('--candidates', text)
  if (candidates < countFlag('--k', k)) throw invalidOption('--candidates', `an integer >= ${k}`, text)
  return candidates
}
