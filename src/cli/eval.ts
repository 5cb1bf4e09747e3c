import type { Command } from 'commander'
import type { Dataset } from '../data/dataset.js'
import type { Embeddings } from '../embeddings.js'
import { invalidOption, NPairError } from '../errors.js'
import type { Embedder, Protocol } from '../protocols/protocol.js'
import type { EvaluationResult } from '../protocols/result.js'
import type { SideBySide } from '../protocols/sideBySide.js'
import type { ReportedModel } from '../report/reportModels.js'
import { type SourceFlags, sourceOptions } from './source.js'
import { cohortOf, rival, subject } from './subject.js'
import { type ViewFlags, viewOptions } from './views.js'

/** The flags of `eval`. */
export interface EvalFlags extends SourceFlags, ViewFlags {
  data?: string
  protocol: string[]
  against?: string
  againstNames?: string
  cohort?: string
  set: string[]
  report?: string
  pictures?: string
  json?: boolean
}

const protocolTypes = {
  verification: 'verification',
  retrieval: 'retrieval',
  clustering: 'clustering',
  identification: 'identification',
  're-id': 'reId',
  recognition: 'recognition',
  'one-shot': 'oneShot',
  pairs: 'pairs',
  lists: 'lists',
} as const

const repeated = (value: string, all: string[]) => [...all, value]

export function register(program: Command): void {
  const command = program
    .command('eval')
    .description('judge a model, or embeddings in a .npy file, by named protocols')
    .argument('<model>', 'run folder or bundle, or a .npy of embeddings [n, d] from anywhere, judged by --labels')
    .option(
      '--data <path>',
      'folder or zip of the images, or .npy of features; or a config file, whose test half judges',
    )
    .option('--protocol <name>', `${Object.keys(protocolTypes).join(', ')} (repeatable)`, repeated, [])
    .option('--against <model>', 'another model, or .npy: both results, and whether the data can tell which is better')
    .option('--against-names <file>', 'of a .npy to compare with: the name of each row, as --names')
    .option(
      '--cohort <path>',
      'strangers to normalise scores by, with --set scoreNorm.type=s: images, or .npy for a .npy',
    )
    .option(
      '--set <name=value>',
      'an option of the protocol, for example folds=5, of several verification.folds=5 (repeatable)',
      repeated,
      [],
    )
    .option(
      '--report <page.html>',
      'write a page, too: figures, curves, nearest neighbours, confused classes, maps; with --against of both models',
    )
    .option('--pictures <dir>', 'with --report, of a .npy: the folder of the images that --names names')
    .option('--json', 'print the result as JSON instead of a table; of several a list')
  viewOptions(sourceOptions(command)).action(async (path: string, flags: EvalFlags) => {
    // A slip of the pen is told before a model is loaded.
    const types = typesOf(flags)
    if (flags.report !== undefined) {
      const { requirePage } = await import('../report/requirePage.js')
      await requirePage(flags.report, '--report')
    }
    if (flags.pictures !== undefined) requirePictured(path, flags, flags.pictures)
    const first = await subject(path, flags)
    let second: Awaited<ReturnType<typeof rival>>
    try {
      second = await rival(first, flags)
      const chosen = await protocolsOf(first.data, types, flags, await cohortOf(first, flags))
      const models = [
        { name: path, embedder: first.embedder },
        ...(second === undefined ? [] : [{ name: flags.against as string, embedder: second.embedder }]),
      ]
      const { results, write } = await judged(models, chosen, flags)
      // Before the page: whatever fails then, the figures of a long judgement are there.
      if (flags.json) console.log(JSON.stringify(results.length === 1 ? results[0] : results, null, 2))
      else await print(results, path, flags)
      await write()
      // With --json standard output is the result alone.
      if (flags.report !== undefined) (flags.json ? console.error : console.log)(`report: ${flags.report}`)
    } finally {
      await first.close()
      await second?.close()
    }
  })
}

/** Results as tables, of two models with the sentence that says which is better. */
async function print(
  results: readonly (EvaluationResult | SideBySide)[],
  path: string,
  { against }: EvalFlags,
): Promise<void> {
  const [{ formatTable }, { verdict }] = await Promise.all([
    import('../protocols/formatTable.js'),
    import('../protocols/sideBySide.js'),
  ])
  for (const result of results)
    if ('first' in result) {
      console.log(`${path}\n\n${formatTable(result.first)}\n${against}\n\n${formatTable(result.second)}`)
      console.log(verdict(result))
    } else console.log(formatTable(result))
}

/** Pictures of rows of a file come from the files that the rows are named by. */
function requirePictured(path: string, { report, names }: EvalFlags, pictures: string): void {
  const needed = [
    ...(report === undefined ? ['--report'] : []),
    ...(path.endsWith('.npy') ? [] : ['a .npy to judge']),
    ...(names === undefined ? ['--names'] : []),
  ]
  if (needed.length > 0) throw invalidOption('--pictures', `nothing without ${needed.join(' and ')}`, pictures)
}

/** Judges one model or two by each protocol; `write` writes the page where one is asked for. */
async function judged(
  models: readonly ReportedModel[],
  protocols: readonly Protocol[],
  { report: page, pictures }: EvalFlags,
): Promise<{ results: readonly (EvaluationResult | SideBySide)[]; write(): Promise<void> }> {
  if (page !== undefined) {
    const { judgeModels } = await import('../report/reportModels.js')
    const options = { page, models, protocols, ...(pictures !== undefined && { pictures }) }
    return judgeModels(options, { page: '--report', pictures: '--pictures' })
  }
  const { judge, remembering } = await import('../protocols/sideBySide.js')
  const [first, second] = models.map(({ embedder }) => remembering(embedder)) as [Embedder, Embedder?]
  const results: (EvaluationResult | SideBySide)[] = []
  for (const protocol of protocols) results.push(await judge(first, second, protocol))
  return { results, write: async () => {} }
}

/** The protocols' types, by the names they have here. */
function typesOf({ protocol: names }: EvalFlags): Record<string, string> {
  const known = Object.keys(protocolTypes).join(', ')
  if (names.length === 0) throw invalidOption('--protocol', known, undefined)
  return Object.fromEntries(
    names.map((name) => {
      const type = protocolTypes[name as keyof typeof protocolTypes]
      if (type === undefined) throw invalidOption('--protocol', known, name)
      return [name, type]
    }),
  )
}

async function protocolsOf(
  data: Dataset,
  types: Record<string, string>,
  { set: sets }: EvalFlags,
  cohort: Dataset | Embeddings | undefined,
): Promise<Protocol[]> {
  const [{ create }, { applySets }] = await Promise.all([
    import('../protocols/create.js'),
    import('../config/applySets.js'),
  ])
  const names = Object.keys(types)
  const plans: Record<string, object> = Object.fromEntries(names.map((name) => [name, { type: types[name] }]))
  const [only] = names
  const stray = sets.find((set) => names.length > 1 && !names.includes(set.split('.')[0] as string))
  if (stray !== undefined)
    throw invalidOption('--set', `a name such as ${only}.bootstrap, of several protocols,`, stray)
  const chosen =
    names.length === 1
      ? [applySets(plans[only as string], sets)]
      : Object.values(applySets(plans, sets) as Record<string, unknown>)
  const normalised = chosen.filter((plan): plan is { scoreNorm: object } => isRecord(plan) && isRecord(plan.scoreNorm))
  if (cohort !== undefined && normalised.length === 0)
    throw invalidOption('--cohort', 'nothing without --set scoreNorm.type=z, t or s', cohort)
  for (const plan of normalised) plan.scoreNorm = { ...plan.scoreNorm, ...(cohort && { cohort }) }
  return chosen.map((plan) => named(sets, () => create(plan as Parameters<typeof create>[0], data)))
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

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
