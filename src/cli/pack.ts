import type { Command } from 'commander'
import { type SourceFlags, sourceOptions } from './source.js'

export function register(program: Command): void {
  sourceOptions(
    program
      .command('pack')
      .description('decode a source of images into its pack, and say what it holds')
      .argument('<path>', 'folder or zip of the images, or .npy of features'),
  ).action(async (path: string, flags: SourceFlags) => {
    const { source } = await import('./source.js')
    const dataset = await source(path, flags)
    const { images, classes, skipped } = dataset.summary
    for (const { path, reason } of skipped) console.error(`skipped ${path}: ${reason}`)
    const { isFeatures } = await import('../data/featureIngest.js')
    const held = isFeatures(dataset.pack.ingest)
      ? `${images} rows of ${classes} classes`
      : `${images} images of ${classes} classes, ${skipped.length} skipped`
    console.log(`${held}: ${dataset.pack.path}`)
  })
}
