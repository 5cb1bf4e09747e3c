import type { Command } from 'commander'

export function register(program: Command): void {
  program
    .command('conformance')
    .description('run published numbers of the losses through the engine, and print expected against got')
    .option('--json', 'as JSON')
    .action(async (flags: { json?: boolean }) => {
      const { conform, conformanceTable } = await import('../conformance/conformance.js')
      const results = await conform()
      const misses = results.filter(({ holds }) => !holds).length
      if (flags.json) console.log(JSON.stringify(results, null, 2))
      else console.log(`${conformanceTable(results)}\n${results.length - misses} of ${results.length} hold`)
      process.exitCode = misses > 0 ? 1 : 0
    })
}
