import type { Command } from 'commander'
import { type ViewFlags, viewOptions, viewsOf } from './views.js'

interface Flags extends ViewFlags {
  output: string
}

export function register(program: Command): void {
  const command = program
    .command('embed')
    .description(
      'embed images or features: a NumPy file of float32 [n, d], and beside it a text file with one path a line',
    )
    .argument('<model>', 'run folder or bundle')
    .argument('<paths...>', 'images, or folders (walked in sorted order); for a model of features .npy files')
    .requiredOption('--output <file.npy>', 'where the embeddings go; the paths go to the same name with .txt')
  viewOptions(command).action(async (path: string, paths: string[], { output, ...flags }: Flags) => {
    const views = viewsOf(flags)
    const { embedFiles } = await import('../model/embedFiles.js')
    const { count, size, list, metric } = await embedFiles(path, paths, output, views)
    const compared = metric === 'dot' ? '; compare them by inner product' : ''
    console.log(`${count} embeddings of ${size} numbers: ${output}; paths: ${list}${compared}`)
  })
}
