import { isDeepStrictEqual } from 'node:util'
import type { Dataset } from '../data/dataset.js'
import { validationShare } from '../data/load.js'
import { NPairError } from '../errors.js'

/** The data of a run: what is trained on, what judges on the way, what judges in the end. */
export interface RunData {
  readonly data: Dataset
  readonly validationData?: Dataset | undefined
  readonly test?: Dataset | undefined
}

/**
 * Does what asks for classes to train on. Where they are too few, the error says what other parts have of the classes, and by which
 * option.
 */
export function ofTrainingPart<T>(parts: RunData, work: () => T): T {
  return saying(work, ({ message, option }) => {
    const kept = others(parts).flatMap(({ part, says }) => {
      const count = keptFrom(parts.data, part)
      return count === undefined ? [] : [`${count} ${says}`]
    })
    if (kept.length === 0) return undefined
    const text = `In the training part: ${message}. Kept from it are ${kept.join(' and ')}: less for them leaves more to train on`
    return { message: text, option }
  })
}

/** Does what asks for classes to judge on during training. Where they are too few, the error says that it is that part that lacks them. */
export function ofValidationPart<T>(parts: RunData & { readonly validationData: Dataset }, work: () => T): T {
  const { data, validationData } = parts
  return saying(work, ({ message, option = 'validationData' }) => {
    const [{ part, from } = { part: undefined, from: '' }] = others(parts)
    const more = part && keptFrom(data, part) !== undefined ? `. More for it: raise ${from}` : ''
    const { images, classes } = validationData.summary
    const has = `${counted(classes, 'class')}, ${counted(images, 'image')}`
    return { message: `In the validation part (${has}): ${message}${more}`, option }
  })
}

/** The parts that training does without; the test half is one where it is the validation, too. */
function others({ validationData, test }: RunData) {
  const both = validationData && test && isDeepStrictEqual(validationData.plan, test.plan)
  const half = both ? 'the test half, which validation judges on' : 'the test half'
  const own = `data.split.validation of a config, by default ${validationShare}`
  const end = 'data.split.test of a config'
  return [
    ...(validationData && !both ? [{ part: validationData, says: `for validation (${own})`, from: own }] : []),
    ...(test ? [{ part: test, says: `for ${half} (${end})`, from: end }] : []),
  ]
}

/** What a split gave to the other part instead of the data that is trained on; undefined where no split made both. */
function keptFrom(data: Dataset, part: Dataset): string | undefined {
  const cut = part.plan.parts.at(-1)
  const before = part.plan.parts.slice(0, -1)
  if (cut === undefined || cut.type === 'rotatedClasses' || data.plan.pack !== part.plan.pack) return undefined
  const asTrained = [...before, { ...cut, half: 'train' }]
  if (!isDeepStrictEqual(data.plan.parts.slice(0, asTrained.length), asTrained)) return undefined
  const { images, classes } = part.summary
  return cut.type === 'splitWithinClass' ? counted(images, 'image') : counted(classes, 'class')
}

function counted(count: number, what: string): string {
  const plural = what === 'class' ? 'classes' : `${what}s`
  return `${count} ${count === 1 ? what : plural}`
}

/** Runs it; an error for want of classes is said as `told` has it, where it has anything. */
function saying<T>(
  work: () => T,
  told: (error: NPairError) => { readonly message: string; readonly option: string | undefined } | undefined,
): T {
  try {
    return work()
  } catch (cause) {
    if (!(cause instanceof NPairError) || cause.code !== 'DATA_CLASSES') throw cause
    const said = told(cause)
    if (said === undefined) throw cause
    const { message, option } = said
    throw new NPairError('DATA_CLASSES', message, { cause, ...(option !== undefined && { option }) })
  }
}
