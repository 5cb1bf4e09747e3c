import type * as Zod from 'zod'
import { invalidOption, NPairError } from '../errors.js'
import { expectationAt, type JsonSchema, namesAt, type Path } from './expectation.js'
import { unknownOption } from './require.js'

/** The library, handed to whoever builds a schema, because it is loaded at the first check (it costs 100 ms). */
export type ZodLibrary = typeof Zod

/**
 * Checks options against a schema.
 *
 * @param build - makes the schema
 * @returns the options as the schema types them
 * @throws NPairError `INVALID_OPTION`: unknown names first, with the name that was probably meant; then
 *   `Expected an integer >= 2 for batch.pairs but received 1.5 of type number`; further ones stand in `detail`
 */
export async function check<S extends Zod.ZodType>(
  build: (z: ZodLibrary) => S | Promise<S>,
  options: unknown,
): Promise<Zod.output<S>> {
  const z = await import('zod')
  const schema = await build(z)
  const result = schema.safeParse(options)
  if (result.success) return result.data
  const json = jsonSchema(z, schema)
  const unknown: NPairError[] = []
  const wrong: NPairError[] = []
  for (const issue of result.error.issues) {
    const path = issue.path.filter((key) => typeof key !== 'symbol')
    if (issue.code === 'unrecognized_keys')
      for (const key of issue.keys) unknown.push(unknownOption(nameOf(path), key, namesAt(json, path, options)))
    else
      wrong.push(invalidOption(nameOf(path) || 'options', expectationAt(json, path, options), valueAt(options, path)))
  }
  const [first, ...others] = [...unknown, ...wrong]
  if (first === undefined || others.length === 0) throw first
  const detail = others.map((error) => error.message).join('\n')
  throw new NPairError(first.code, first.message, {
    detail,
    ...(first.option !== undefined && { option: first.option }),
  })
}

/** The JSON Schema of a zod schema, as users write options (defaults may be left out). */
export function jsonSchema(z: ZodLibrary, schema: Zod.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    ...{ io: 'input', unrepresentable: 'any' },
    override: ({ jsonSchema: node }) => {
      // Said by the types for the compiler's sake: nothing is read-only in a file, and 2^53 goes without saying.
      delete node.readOnly
      if (node.maximum === Number.MAX_SAFE_INTEGER) delete node.maximum
    },
  }) as JsonSchema
}

/** A copy in which what is undefined is left out: in JavaScript it means the same. */
export function withoutUndefined(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUndefined)
  if (typeof value !== 'object' || value === null) return value
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return value
  const kept = Object.entries(value).filter(([, inner]) => inner !== undefined)
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutUndefined(inner)]))
}

/** `net.layers[0].out` */
function nameOf(path: Path): string {
  return path.reduce<string>((name, key) => {
    if (typeof key === 'number') return `${name}[${key}]`
    return name === '' ? key : `${name}.${key}`
  }, '')
}

function valueAt(options: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<string | number, unknown> | null | undefined)?.[key],
    options,
  )
}
