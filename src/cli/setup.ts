import { type Command, Option } from 'commander'
import type { Variant } from '../native/manifest.js'
import { interruptible } from './interrupt.js'

interface Flags {
  readonly device: Variant
  readonly from?: string
  readonly headers?: boolean
  readonly dryRun?: boolean
}

export function register(program: Command): void {
  program
    .command('setup')
    .description('fetch the libtorch that npair needs, verify it, and put it into the cache')
    .addOption(new Option('--device <device>', 'what it can compute on').choices(['cpu', 'cuda']).default('cpu'))
    .option(
      '--from <path | address>',
      'take it from a wheel, a folder of wheels, an archive of libtorch (also by address), or an unpacked one',
    )
    .option('--headers', 'keep the C++ headers too, to build npair from source')
    .option('--dry-run', 'only say what would be fetched, and where to')
    .action(async (flags: Flags) => {
      const { runSetup } = await import('../native/setupReport.js')
      await interruptible((signal) => runSetup(flags, signal), 'Stopping …')
    })
}
