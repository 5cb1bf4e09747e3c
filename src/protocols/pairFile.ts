import { NPairError } from '../errors.js'
import { corruptLine, type ListFile } from './listFiles.js'

/** A pair as a file names it. */
export interface NamedPair {
  readonly first: string
  readonly second: string
  readonly same: boolean
  /** In [0, folds); 0 where there are none. */
  readonly fold: number
}

/** The pairs of a file. */
export interface NamedPairs {
  readonly pairs: readonly NamedPair[]
  /** 0: the file tells of none. */
  readonly folds: number
}

/**
 * LFW's pairs.txt: a line `folds n` (or `n` alone for one set, as in pairsDevTest.txt), then for each fold n lines `Name i j` of one
 * person and n lines `Name i Other j`. Image i of Name is `Name/Name_000i`.
 *
 * @throws NPairError `PROTOCOL_CORRUPT` naming the line
 */
export function lfwPairs({ path, lines: [head, ...lines] }: ListFile): NamedPairs {
  const [, sets, size] = /^(?:(\d+)\s+)?(\d+)$/.exec(head?.text ?? '') ?? []
  const [folds, each] = [Number(sets ?? 1), Number(size)]
  if (head === undefined || !(folds >= 1 && each >= 1))
    throw corruptLine(path, head ?? { number: 1, text: '' }, 'expected the number of folds and of pairs of each kind')
  if (lines.length !== 2 * folds * each)
    throw new NPairError(
      'PROTOCOL_CORRUPT',
      `${path} has ${lines.length} pairs, and its first line promises ${folds} folds of ${each} same and ${each} different`,
    )
  const pairs = lines.map((line, p): NamedPair => {
    const same = p % (2 * each) < each
    const fields = line.text.split(/\s+/)
    const numbers = same ? fields.slice(1) : [fields[1], fields[3]]
    if (fields.length !== (same ? 3 : 4) || !numbers.every((n) => /^\d+$/.test(n ?? '')))
      throw corruptLine(path, line, same ? 'expected Name i j' : 'expected Name i Other j')
    const [name, other] = [fields[0] as string, (same ? fields[0] : fields[2]) as string]
    return {
      ...{ first: lfwImage(name, numbers[0] as string), second: lfwImage(other, numbers[1] as string) },
      ...{ same, fold: Math.floor(p / (2 * each)) },
    }
  })
  return { pairs, folds: folds === 1 ? 0 : folds }
}

function lfwImage(name: string, number: string): string {
  return `${name}/${name}_${number.padStart(4, '0')}`
}

/**
 * Pairs of one's own: a line `first second same` or `first second same fold`, by tabs (or spaces, where names have none); same is 1
 * or 0, a fold is any word.
 *
 * @throws NPairError `PROTOCOL_CORRUPT` naming the line
 */
export function tablePairs({ path, lines }: ListFile): NamedPairs {
  const numbers = new Map<string, number>()
  const columns = split(lines[0]?.text ?? '').length
  const pairs = lines.map((line): NamedPair => {
    const [first, second, same, fold] = split(line.text)
    if (split(line.text).length !== columns || (columns !== 3 && columns !== 4) || (same !== '0' && same !== '1'))
      throw corruptLine(path, line, 'expected first, second, 1 or 0, and in all lines or in none a fold')
    if (fold !== undefined && !numbers.has(fold)) numbers.set(fold, numbers.size)
    const number = fold === undefined ? 0 : (numbers.get(fold) as number)
    return { first: first as string, second: second as string, same: same === '1', fold: number }
  })
  return { pairs, folds: numbers.size === 1 ? 0 : numbers.size }
}

function split(text: string): string[] {
  return text.split(text.includes('\t') ? /\t/ : /\s+/)
}
