import type { Command } from 'commander'
import type { Comparison } from '../compare/compareConfig.js'
import { interruptible } from './interrupt.js'
import { compareProgress, countProgress, tellNotice, trainProgress } from './progress.js'
import { collect } from './train.js'

interface Options {
  data?: string
  output?: string
  set: string[]
}

export function register(program: Command): void {
  program
    .command('compare')
    .description(
      'train by every loss of the paper on the same images, several seeds each; a table and curves, one page',
    )
    .argument('<config>', 'config file as of train, with pairs and a split; its "compare" names seeds and methods')
    .option('--data <path>', 'folder or zip of the images, or .npy of features; goes before data.path')
    .option('--output <dir>', 'folder of all runs; goes before output; finished runs in it are not run again')
    .option('--set <path=value>', 'replace one value of the config, for example compare.seeds=[1,2]', collect, [])
    .action(async (config: string, { data, output, set }: Options) => {
      const [{ loadConfig }, { applySets }, { checkCompareConfig }] = await Promise.all([
        import('../config/loadConfig.js'),
        import('../config/applySets.js'),
        import('../compare/compareConfig.js'),
      ])
      const given = { ...(data !== undefined && { path: data }), ...(output !== undefined && { output }) }
      await show(await checkCompareConfig(applySets(await loadConfig(config), set), given))
    })
}

/** Runs a comparison, shows how it gets on, prints its table. */
export async function show(comparison: Comparison): Promise<void> {
  const { runComparison } = await import('../report/compare.js')
  // They stand below the table, too, which may be hours away.
  for (const note of comparison.notes) process.stderr.write(`npair: ${note}\n`)
  const { text } = await interruptible((signal) =>
    runComparison(comparison, {
      ...{ signal, onRun: compareProgress, onProgress: trainProgress(), onNotice: tellNotice },
      onImages: countProgress('images'),
    }),
  )
  console.log(text)
}
