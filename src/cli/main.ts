import { Command } from 'commander'
import { NPairError } from '../errors.js'
import { version } from '../version.js'

/** Exit codes: 1 something failed, 2 the command line is wrong, 130 stopped by Ctrl-C. */
const exitCodes = { failed: 1, interrupted: 130 } as const

const commands = ['demo', 'train', 'resume', 'eval', 'embed', 'pack', 'setup', 'doctor'] as const

/**
 * Runs the command line.
 *
 * @param argv - as `process.argv`
 */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('npair')
    .description('Deep metric learning: train an image embedder with the N-pair loss, judge it, use it.')
    .version(version())
    .showHelpAfterError('(npair --help, npair COMMAND --help)')
    .configureOutput({ outputError: (text, write) => write(text) })
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  for (const name of commands) {
    const { register }: { register(program: Command): void } = await import(`./${name}.js`)
    register(program)
  }
  try {
    await program.parseAsync([...argv])
  } catch (error) {
    process.exitCode = report(error)
  }
}

/** Says what went wrong, in one line where npair knows, and returns the exit code. */
function report(error: unknown): number {
  if (!(error instanceof NPairError)) {
    console.error(error)
    console.error('This is a bug of npair, or of what it builds on: please report it with the lines above.')
    return exitCodes.failed
  }
  console.error(`npair: ${error.message} [${error.code}]`)
  if (error.detail && process.env.NPAIR_DEBUG) console.error(error.detail)
  return error.code === 'ABORTED' ? exitCodes.interrupted : exitCodes.failed
}
