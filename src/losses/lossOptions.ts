import { requireBoolean, requireNumber } from '../config/require.js'

type Rule = (name: string, value: unknown) => void

const positive: Rule = (name, value) => requireNumber(name, value, '> 0', (x) => x > 0)
const notNegative: Rule = (name, value) => requireNumber(name, value, '>= 0', (x) => x >= 0)

/** What the options must be that several losses have. */
const rules = {
  l2: notNegative,
  margin: positive,
  normalize: requireBoolean as Rule,
  scale: positive,
  temperature: positive,
} as const

/**
 * Checks options that several losses have, in the order in which they are given; those that a loss does not have are left out.
 *
 * @throws NPairError `INVALID_OPTION`
 */
export function requireLossOptions(options: { readonly [name in keyof typeof rules]?: unknown }): void {
  for (const [name, value] of Object.entries(options)) rules[name as keyof typeof rules](name, value)
}
