import type { Command } from 'commander'
import { interruptible } from './interrupt.js'
import { countProgress, tellNotice, trainProgress } from './progress.js'

interface Options {
  data?: string
  output?: string
  set: string[]
}

export function register(program: Command): void {
  program
    .command('train')
    .description(
      'train an embedder as a config file says (.json, .mjs, .ts), judge it on the test half, write a report',
    )
    .argument('<config>', 'config file')
    .option('--data <path>', 'folder or zip of the images, or .npy of features; goes before data.path')
    .option('--output <dir>', 'folder of the run; goes before output')
    .option(
      '--set <path=value>',
      'replace one value of the config, for example batch.pairs=32 (repeatable)',
      collect,
      [],
    )
    .action(async (config: string, options: Options) => {
      const [{ loadConfig }, { applySets }, { checkTrainConfig }] = await Promise.all([
        import('../config/loadConfig.js'),
        import('../config/applySets.js'),
        import('../config/trainConfig.js'),
      ])
      const { data, output, set } = options
      const given = { ...(data !== undefined && { path: data }), ...(output !== undefined && { output }) }
      const resolved = await checkTrainConfig(applySets(await loadConfig(config), set), given)
      const { trainConfig } = await import('../report/trainConfig.js')
      const { text } = await interruptible((signal) =>
        trainConfig(resolved, {
          signal,
          onProgress: trainProgress(),
          onNotice: tellNotice,
          onImages: countProgress('images'),
        }),
      )
      console.log(text)
    })
}

/** Values of an option that may be given several times. */
export function collect(value: string, earlier: string[]): string[] {
  return [...earlier, value]
}
