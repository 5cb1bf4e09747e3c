import type { Command } from 'commander'
import { recallLine } from '../retrieval/recallLine.js'
import { type ViewFlags, viewOptions, viewsOf } from './views.js'

interface Flags extends ViewFlags {
  output: string
  approximate?: boolean
}

export function register(program: Command): void {
  const command = program
    .command('index')
    .description('embed images into an index that `npair search` looks through')
    .argument('<model>', 'run folder or bundle')
    .argument('<paths...>', 'images, or folders (walked in sorted order); a folder of images is a label')
    .requiredOption('--output <folder>', 'where the index goes: a new folder')
    .option(
      '--approximate',
      'also link the images in a graph for approximate search, and measure its recall; pays for some 100,000 images and more, and needs npm install usearch',
    )
  viewOptions(command).action(async (model: string, paths: string[], { output, approximate, ...flags }: Flags) => {
    const views = viewsOf(flags)
    const { indexImages } = await import('../retrieval/indexImages.js')
    const { count, size, recall } = await indexImages(model, paths, output, { approximate, views })
    console.log(`${count} images, ${size} numbers each: ${output}`)
    if (approximate) console.log(recallLine(recall))
  })
}
