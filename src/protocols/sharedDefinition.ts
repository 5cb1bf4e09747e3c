import { definitions } from '../metrics/definitions.js'
import type { Figure } from './result.js'

/**
 * What a figure of several models is, in words: without what holds for one of them alone, which is its ±, its interval, and
 * values such as the threshold that was reached.
 *
 * @param figures - that of each model
 */
export function sharedDefinition(figures: readonly Pick<Figure, 'definition' | 'metric'>[]): string {
  const [first, ...others] = figures as [Figure, ...Figure[]]
  const same = others.every(({ definition }) => definition === first.definition)
  const plain: { text: string } | undefined = definitions[first.metric as keyof typeof definitions]
  return (same ? first.definition : (plain?.text ?? first.definition))
    .replace(/[;.] ± is [^.]*\./g, '.')
    .replace(/ The interval [^.]*\./g, '')
}
