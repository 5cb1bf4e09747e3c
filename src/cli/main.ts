import { Command, CommanderError } from 'commander'
import { NPairError } from '../errors.js'
import { version } from '../version.js'
import { interruptedCode } from './interrupt.js'

/**
 * Exit codes: 1 something failed, 2 the command line is wrong, 130 stopped by Ctrl-C, 75 stopped by SIGTERM with everything
 * saved: start it again (`npair resume`). A second signal ends at once, with 130 or 143.
 */
const exitCodes = { failed: 1, misused: 2 } as const

const commands = [
  'demo',
  'train',
  'compare',
  'resume',
  'eval',
  'calibrate',
  'embed',
  'index',
  'search',
  'report',
  'pack',
  'conformance',
  'setup',
  'doctor',
] as const

/**
 * Runs the command line.
 *
 * @param argv - as `process.argv`
 */
export async function main(argv: readonly string[]): Promise<void> {
  const program = new Command('npair')
    .description('Deep metric learning: train an image embedder with the N-pair loss, judge it, use it.')
    .version(version())
    .configureOutput({
      outputError: (text, write) =>
        write(`npair: ${oneLine(text.replace(/^error: /, ''))} (npair --help) [INVALID_OPTION]\n`),
    })
    .exitOverride()
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
  // The command-line parser has said it already; help and version are such an error, too, with exit code 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.misused
  if (!(error instanceof NPairError)) {
    console.error(error)
    console.error('This is a bug of npair, or of what it builds on: please report it with the lines above.')
    return exitCodes.failed
  }
  console.error(`npair: ${oneLine(error.message)} [${error.code}]`)
  // What else is wrong with a config; of the engine's errors, where they come from, which is for those who look for a bug.
  if (error.detail && error.code === 'INVALID_OPTION') console.error(error.detail.replace(/^/gm, '  and: '))
  else if (error.detail && process.env.NPAIR_DEBUG) console.error(error.detail)
  if (error.code === 'ABORTED') return interruptedCode()
  return error.option?.startsWith('--') ? exitCodes.misused : exitCodes.failed
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, ' ')
}
