import type { Command } from 'commander'

export function register(program: Command): void {
  program
    .command('index')
    .description('embed images into an index that `npair search` looks through')
    .argument('<model>', 'run folder or bundle')
    .argument('<paths...>', 'images, or folders (walked in sorted order); a folder of images is a label')
    .requiredOption('--output <folder>', 'where the index goes: a new folder')
    .action(async (model: string, paths: string[], { output }: { output: string }) => {
      const { indexImages } = await import('../retrieval/indexImages.js')
      const { count, size } = await indexImages(model, paths, output)
      console.log(`${count} images, ${size} numbers each: ${output}`)
    })
}
