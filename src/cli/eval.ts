import type { Command } from 'commander'
import { invalidOption, NPairError } from '../errors.js'
import { type SourceFlags, source, sourceOptions } from './source.js'

interface Flags extends SourceFlags {
  data: string
  protocol: string
  set: string[]
  json?: boolean
}

const protocolTypes = {
  verification: 'verification',
  retrieval: 'retrieval',
  identification: 'identification',
  're-id': 'reId',
  recognition: 'recognition',
  'one-shot': 'oneShot',
  pairs: 'pairs',
  lists: 'lists',
} as const

export function register(program: Command): void {
  const command = program
    .command('eval')
    .description('judge a model on images by a named protocol')
    .argument('<model>', 'run folder or bundle')
    .requiredOption('--data <path>', 'folder or zip of the images, or .npy of features')
    .requiredOption('--protocol <name>', Object.keys(protocolTypes).join(', '))
    .option(
      '--set <name=value>',
      'an option of the protocol, for example folds=5 (repeatable)',
      (v, all: string[]) => [...all, v],
      [],
    )
    .option('--json', 'print the result as JSON instead of a table')
  sourceOptions(command).action(async (path: string, flags: Flags) => {
    const [{ Model }, { create }, { evaluate }, { formatTable }, { applySets }] = await Promise.all([
      import('../model/model.js'),
      import('../protocols/create.js'),
      import('../protocols/evaluate.js'),
      import('../protocols/formatTable.js'),
      import('../config/applySets.js'),
    ])
    const type = protocolTypes[flags.protocol as keyof typeof protocolTypes]
    if (type === undefined) throw invalidOption('--protocol', Object.keys(protocolTypes).join(', '), flags.protocol)
    const model = await Model.load(path)
    try {
      const { ingest, trained } = model.description
      const data = await source(flags.data, flags, { ...ingest, type: trained.data.type })
      const plan = applySets({ type }, flags.set) as Parameters<typeof create>[0]
      const result = await evaluate(
        model,
        named(flags.set, () => create(plan, data)),
      )
      console.log(flags.json ? JSON.stringify(result, null, 2) : formatTable(result))
    } finally {
      await model.close()
    }
  })
}

/** The options of a protocol come from `--set` alone, so that a wrong one is a wrong command line. */
function named<T>(sets: readonly string[], make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (!(error instanceof NPairError) || error.code !== 'INVALID_OPTION' || sets.length === 0) throw error
    throw new NPairError(error.code, `${error.message} (--set ${sets.join(' --set ')})`, { option: '--set' })
  }
}
