import type { Command } from 'commander'
import { invalidOption, NPairError } from '../errors.js'
import { type SourceFlags, source, sourceOptions } from './source.js'

interface Flags extends SourceFlags {
  data: string
  far: string
  mirror?: boolean
  shifts?: string
  json?: boolean
}

export function register(program: Command): void {
  const command = program
    .command('calibrate')
    .description('measure the threshold of a false accept rate and keep it in the bundle')
    .argument('<model>', 'run folder or bundle')
    .requiredOption('--data <path>', 'images of classes that the model was not trained on')
    .requiredOption('--far <rate>', 'false accept rate to keep, for example 1e-3')
    .option('--mirror', "add the mirrored image's embedding (default: as trained)")
    .option('--no-mirror', 'do not')
    .option(
      '--shifts <list>',
      'pixels to move the image by for more views, for example 2,4, or none (default: as trained)',
    )
    .option('--json', 'print JSON')
  sourceOptions(command).action(async (path: string, flags: Flags) => {
    const [{ readBundle }, { calibrate }, { formatFigure }] = await Promise.all([
      import('../model/bundle.js'),
      import('../protocols/calibrate.js'),
      import('../protocols/formatTable.js'),
    ])
    const far = Number(flags.far)
    if (!(far > 0 && far <= 1)) throw invalidOption('--far', 'a number in (0, 1]', flags.far)
    const views = {
      ...(flags.mirror === undefined ? {} : { mirror: flags.mirror }),
      ...(flags.shifts === undefined ? {} : { shifts: shiftsFlag(flags.shifts) }),
    }
    const { description } = await readBundle(path)
    const data = await source(flags.data, flags, { ...description.ingest, type: description.trained.data.type })
    const found = await calibrate(path, data, { far, ...views }).catch((error: unknown) => {
      // The rate came from the command line.
      if (!(error instanceof NPairError) || error.code !== 'FAR_UNRESOLVED') throw error
      throw new NPairError(error.code, error.message, { option: '--far' })
    })
    if (flags.json) return console.log(JSON.stringify(found, null, 2))
    const rate = ({ value, interval }: typeof found.far) =>
      formatFigure({
        value,
        ...(interval && { interval }),
        unit: 'fraction',
        better: 'none',
        label: '',
        definition: '',
      })
    console.log(
      `Threshold ${found.threshold.toFixed(4)} for a false accept rate of ${found.target}\n` +
        `False accept rate ${rate(found.far)} of ${found.impostorPairs} impostor pairs\n` +
        `True accept rate ${rate(found.tar)} of ${found.genuinePairs} genuine pairs`,
    )
  })
}

function shiftsFlag(text: string): number[] {
  if (text === 'none') return []
  if (!/^\d+(,\d+)*$/.test(text)) throw invalidOption('--shifts', 'pixels such as 2,4, or none', text)
  return text.split(',').map(Number)
}
