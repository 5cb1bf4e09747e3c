/** A loss's plan as the engine reads it: its triplet has a margin in either form, which the smooth one never looks at. */
export function forEngine(plan: { readonly type: string }): object {
  return plan.type === 'triplet' ? { margin: 0, ...plan } : plan
}
