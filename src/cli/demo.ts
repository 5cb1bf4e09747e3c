import type { Command } from 'commander'
import { show } from './compare.js'
import { countFlag } from './flags.js'
import { interruptible } from './interrupt.js'
import { countProgress, tellNotice, trainProgress } from './progress.js'

export function register(program: Command): void {
  program
    .command('demo')
    .description('train on generated handwriting, judge on alphabets never seen, write runs/demo/report.html')
    .option(
      '--output <dir>',
      'folder of the run; a demo that is there is replaced, nothing else (default: runs/demo, or runs/compare)',
    )
    .option('--steps <n>', 'steps of training (default: 600; with --compare 200 for each run)')
    .option(
      '--compare',
      "compare the paper's losses on it instead, three seeds each; same as npair compare: what is finished is kept",
    )
    .action(async ({ output: given, steps, compare }: { output?: string; steps?: string; compare?: true }) => {
      const count = countFlag('--steps', steps ?? (compare ? '200' : '600'))
      const output = given ?? (compare ? 'runs/compare' : 'runs/demo')
      if (compare) {
        const { demoCompareConfig } = await import('../report/demo.js')
        const { checkCompareConfig } = await import('../compare/compareConfig.js')
        return show(await checkCompareConfig(demoCompareConfig(output, count)))
      }
      const { demo } = await import('../report/demo.js')
      const { text } = await interruptible((signal) =>
        demo(output, count, {
          signal,
          onProgress: trainProgress(),
          onNotice: tellNotice,
          onImages: countProgress('drawing characters'),
        }),
      )
      console.log(text)
    })
}
