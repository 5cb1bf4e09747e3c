import type { Command } from 'commander'

export function register(program: Command): void {
  program
    .command('doctor')
    .description('look over what npair needs on this machine, and say what is wrong')
    .option('--json', 'as JSON')
    .action(async (flags: { json?: boolean }) => {
      const { runDoctor } = await import('../native/doctor.js')
      process.exitCode = await runDoctor(flags)
    })
}
