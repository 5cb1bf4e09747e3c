import { parseHTML } from 'linkedom'

/** Every place where a page can refer to something outside of itself. */
export function outside(page: string): string[] {
  const { document } = parseHTML(page)
  const attributes = ['src', 'href', 'xlink:href', 'srcset', 'action', 'data', 'poster']
  const found = [...document.querySelectorAll('*')].flatMap((element) =>
    attributes.flatMap((name) => element.getAttribute(name) ?? []),
  )
  const styles = [...page.matchAll(/url\(([^)]*)\)|@import\s+([^;]+)/g)].map(([whole]) => whole)
  return [
    ...found.filter((value) => !/^(#|data:image\/)/.test(value)),
    ...styles.filter((value) => !/^url\(data:image\//.test(value)),
    ...(page.match(/<(script|link|iframe|object)\b/g) ?? []),
    ...(page.match(/(?<=<meta http-equiv=")refresh/gi) ?? []),
  ]
}
