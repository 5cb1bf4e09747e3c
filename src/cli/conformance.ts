import type { Command } from 'commander'

export function register(program: Command): void {
  program
    .command('conformance')
    .description('run published numbers of the losses through the engine, and print expected against got')
    .option('--json', 'as JSON')
    .action(async (flags: { json?: boolean }) => {
      const { conform, conformanceTable } = await import('../conformance/conformance.js')
      const results = await conform()
      const misses = results.flatMap(({ vector, precision, holds }) => (holds ? [] : [`${vector.id} (${precision})`]))
      const told = `${results.length - misses.length} of ${results.length} hold${misses.length > 0 ? `, but not ${misses.join('; ')}` : ''}`
      console.log(flags.json ? JSON.stringify(results, null, 2) : `${conformanceTable(results)}\n${told}`)
      process.exitCode = misses.length > 0 ? 1 : 0
    })
}
