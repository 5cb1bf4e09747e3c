/** A number for people: about three digits, no exponent where none is needed; `n/a` for none. */
export function number(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return 'n/a'
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size >= 1000) return Math.round(value).toLocaleString('en-US')
  if (size < 1e-3) return value.toExponential(1).replace('.0e', 'e')
  return String(Number(value.toPrecision(3)))
}
