import type { Command } from 'commander'
import { interruptible } from './interrupt.js'
import { tellNotice, trainProgress } from './progress.js'

export function register(program: Command): void {
  program
    .command('resume')
    .description('go on with a run that was stopped, from its newest whole checkpoint')
    .argument('<run>', 'run folder')
    .option('--data <path>', 'where the images are now, if they have moved')
    .option('--validation-data <path>', 'where those of validation are now, if they were elsewhere and have moved')
    .action(async (run: string, { data, validationData }: { data?: string; validationData?: string }) => {
      const { resumeConfig } = await import('../report/trainConfig.js')
      const moved = {
        ...(data !== undefined && { dataPath: data }),
        ...(validationData !== undefined && { validationPath: validationData }),
      }
      const { text } = await interruptible((signal) =>
        resumeConfig(run, { signal, onProgress: trainProgress(), onNotice: tellNotice, ...moved }),
      )
      console.log(text)
    })
}
