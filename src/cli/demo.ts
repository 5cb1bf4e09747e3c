import type { Command } from 'commander'
import { countFlag } from './flags.js'
import { interruptible } from './interrupt.js'
import { countProgress, tellNotice, trainProgress } from './progress.js'

export function register(program: Command): void {
  program
    .command('demo')
    .description('train on generated handwriting, judge on alphabets never seen, write runs/demo/report.html')
    .option('--output <dir>', 'folder of the run; a demo that is there is replaced, nothing else', 'runs/demo')
    .option('--steps <n>', 'steps of training', '600')
    .action(async ({ output, steps }: { output: string; steps: string }) => {
      const count = countFlag('--steps', steps)
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
