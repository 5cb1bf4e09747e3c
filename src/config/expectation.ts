/** Where a value stands within options: keys and array indices. */
export type Path = readonly (string | number)[]

/** The part of JSON Schema that zod writes and that is read here. */
export interface JsonSchema {
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, JsonSchema>>
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly items?: JsonSchema | false
  readonly prefixItems?: readonly JsonSchema[]
  readonly minItems?: number
  readonly minLength?: number
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
  readonly exclusiveMaximum?: number
}

/** What a schema expects at a path, in words: `an integer >= 2`. Between variants, those that the value's `type` names count. */
export function expectationAt(schema: JsonSchema, path: Path, value: unknown): string {
  const described = nodesAt(schema, path, value).map((node) => describe(schema, node))
  return [...new Set(described)].join(' or ') || 'nothing'
}

/** The names that an object may have at a path. */
export function namesAt(schema: JsonSchema, path: Path, value: unknown): string[] {
  const inner = path.reduce<unknown>((at, key) => (at as Record<string | number, unknown>)[key], value)
  const nodes = matching(nodesAt(schema, path, value), inner)
  return [...new Set(nodes.flatMap((node) => Object.keys(node.properties ?? {})))]
}

function nodesAt(schema: JsonSchema, path: Path, value: unknown): JsonSchema[] {
  let nodes = variants(schema, schema)
  let at = value
  for (const key of path) {
    nodes = matching(nodes, at).flatMap((node) => {
      const child = typeof key === 'number' ? (node.prefixItems?.[key] ?? node.items) : node.properties?.[key]
      return child ? variants(schema, child) : []
    })
    at = (at as Record<string | number, unknown> | null | undefined)?.[key]
  }
  return nodes
}

/** References followed and unions opened. */
function variants(root: JsonSchema, node: JsonSchema): JsonSchema[] {
  if (node.$ref !== undefined) {
    const target = node.$ref === '#' ? root : root.$defs?.[node.$ref.replace('#/$defs/', '')]
    return target ? variants(root, target) : []
  }
  const inner = node.anyOf ?? node.oneOf
  return inner ? inner.flatMap((branch) => variants(root, branch)) : [node]
}

/** Those variants whose `type` is the value's; all where none is. */
function matching(nodes: JsonSchema[], value: unknown): JsonSchema[] {
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined
  const own = nodes.filter((node) => node.properties?.type?.const !== undefined && node.properties.type.const === type)
  return own.length > 0 ? own : nodes
}

function describe(root: JsonSchema, node: JsonSchema): string {
  if (node.const !== undefined) return quote(node.const)
  if (node.enum) return node.enum.map(quote).join(' or ')
  switch (node.type) {
    case 'integer':
      return `an integer${range(node)}`
    case 'number':
      return `a number${range(node)}`
    case 'boolean':
      return 'true or false'
    case 'string':
      return node.minLength ? 'a non-empty string' : 'a string'
    case 'array': {
      const items = node.prefixItems?.[0] ?? (node.items || undefined)
      const each = items
        ? `, each ${variants(root, items)
            .map((item) => describe(root, item))
            .join(' or ')},`
        : ''
      if (node.prefixItems) return `an array of ${node.prefixItems.length}${each}`
      return `an array${node.minItems ? ` of at least ${node.minItems}` : ''}${each}`
    }
    case 'object':
      return 'an object'
    default:
      return 'another value'
  }
}

/** ` >= 2`, ` in [0, 1)`; the bounds of what a double holds exactly go without saying. */
function range(node: JsonSchema): string {
  const bound = (x: number | undefined) => (x === undefined || Math.abs(x) === Number.MAX_SAFE_INTEGER ? undefined : x)
  const [least, above] = [bound(node.minimum), bound(node.exclusiveMinimum)]
  const [most, below] = [bound(node.maximum), bound(node.exclusiveMaximum)]
  const low = least ?? above
  const high = most ?? below
  if (low !== undefined && high !== undefined)
    return ` in ${above === undefined ? '[' : '('}${low}, ${high}${below === undefined ? ']' : ')'}`
  if (low !== undefined) return above === undefined ? ` >= ${low}` : ` > ${low}`
  if (high !== undefined) return below === undefined ? ` <= ${high}` : ` < ${high}`
  return ''
}

function quote(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : String(value)
}
