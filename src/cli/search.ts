import type { Command } from 'commander'
import { countFlag } from './flags.js'

interface Flags {
  k: string
  json?: boolean
  output?: string
}

export function register(program: Command): void {
  program
    .command('search')
    .description('the images of an index that are most like others, exactly, by cosine similarity')
    .argument('<model>', 'run folder or bundle that the index was made with')
    .argument('<index>', 'folder that `npair index` wrote')
    .argument('<images...>', 'images, or folders, to look for')
    .option('--k <count>', 'images to find for each', '5')
    .option('--json', 'print JSON')
    .option('--output <page.html>', 'also write a page with the pictures')
    .action(async (model: string, index: string, images: string[], { k, json, output }: Flags) => {
      const { searchImages } = await import('../report/searchImages.js')
      const onNotice = (notice: string) => console.error(notice)
      const found = await searchImages(model, index, images, { k: countFlag('--k', k), page: output, onNotice })
      if (json) return console.log(JSON.stringify(found, null, 2))
      for (const { query, hits } of found) {
        console.log(query)
        for (const { id, score } of hits) console.log(`  ${score.toFixed(4)}  ${id}`)
      }
    })
}
