import type { Command } from 'commander'

export function register(program: Command): void {
  program
    .command('report')
    .description('make the report of a run again from what is in its folder, or a page that compares several runs')
    .argument('<runs...>', 'run folders')
    .option('--output <file>', 'where the page goes that compares several runs (default: compared.html)')
    .action(async (runs: string[], options: { output?: string }) => {
      const { reportRuns } = await import('../report/reportRuns.js')
      console.log(`report: ${await reportRuns(runs, options.output)}`)
    })
}
