/** Markup that is safe to insert as it is. */
export class Html {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toString(): string {
    return this.text
  }
}

type Insertable = Html | string | number | null | undefined | readonly Insertable[]

/**
 * Markup from a template: whatever is inserted is escaped, unless it is markup itself. Lists are joined, nothing gives
 * nothing.
 *
 * @example html`<p>${'a < b'}</p>`.text // <p>a &lt; b</p>
 */
export function html(parts: TemplateStringsArray, ...inserted: Insertable[]): Html {
  return new Html(parts.reduce((text, part, i) => text + insert(inserted[i - 1]) + part))
}

function insert(value: Insertable): string {
  if (value === null || value === undefined) return ''
  if (value instanceof Html) return value.text
  if (Array.isArray(value)) return value.map(insert).join('')
  return escapeHtml(String(value))
}

/** Text for element content and for quoted attributes. */
export function escapeHtml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
  return text.replace(/[&<>"']/g, (character) => entities[character] as string)
}
