import type { Command } from 'commander'

export function register(program: Command): void {
  program
    .command('embed')
    .description(
      'embed images or features: a NumPy file of float32 [n, d], and beside it a text file with one path a line',
    )
    .argument('<model>', 'run folder or bundle')
    .argument('<paths...>', 'images, or folders (walked in sorted order); for a model of features .npy files')
    .requiredOption('--output <file.npy>', 'where the embeddings go; the paths go to the same name with .txt')
    .action(async (path: string, paths: string[], { output }: { output: string }) => {
      const { embedFiles } = await import('../model/embedFiles.js')
      const { count, size, list } = await embedFiles(path, paths, output)
      console.log(`${count} embeddings of ${size} numbers: ${output}; paths: ${list}`)
    })
}
