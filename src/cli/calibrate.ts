import type { Command } from 'commander'
import { invalidOption, NPairError } from '../errors.js'
import { type SourceFlags, source, sourceOptions } from './source.js'
import { type ViewFlags, viewOptions, viewsOf } from './views.js'

interface Flags extends SourceFlags, ViewFlags {
  data: string
  far: string
  json?: boolean
}

export function register(program: Command): void {
  const command = program
    .command('calibrate')
    .description('measure the threshold of a false accept rate and keep it in the bundle')
    .argument('<model>', 'run folder or bundle')
    .requiredOption('--data <path>', 'images of classes that the model was not trained on')
    .requiredOption('--far <rate>', 'false accept rate to keep, for example 1e-3')
    .option('--json', 'print JSON')
  viewOptions(sourceOptions(command)).action(async (path: string, flags: Flags) => {
    const [{ readBundle }, { calibrate }, { formatFigure }] = await Promise.all([
      import('../model/bundle.js'),
      import('../protocols/calibrate.js'),
      import('../protocols/formatTable.js'),
    ])
    const far = Number(flags.far)
    if (!(far > 0 && far <= 1)) throw invalidOption('--far', 'a number in (0, 1]', flags.far)
    const { description } = await readBundle(path)
    const data = await source(flags.data, flags, { ...description.ingest, type: description.trained.data.type })
    const found = await calibrate(path, data, { far, ...viewsOf(flags) }).catch((error: unknown) => {
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
