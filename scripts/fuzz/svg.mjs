// SVG is a program that draws: beside damaged bytes it may ask for more than any file holds.

const numbers = ['0', '-1', '1e-9', '0.5', '7', '40', '1e3', '1e5', '1e9', '1e38', 'NaN', '100%', '']

/** Entities or groups, each `fan` of the one before it. */
const nested = (depth, fan, first, next) =>
  Array.from({ length: depth + 1 }, (_, i) => (i === 0 ? first : next(i, fan))).join('')

/** A drawing of a few shapes, some of whose numbers, references and nestings are absurd. */
export function svgOf(random) {
  const number = (usual) => (random.below(4) ? usual : numbers[random.below(numbers.length)])
  const [fan, depth] = [2 + random.below(9), random.below(6)]
  // At most 3 · 10³ characters: more are stopped after ten seconds, which svg.test.ts shows and thousands of cases have no time for.
  const letters = Math.min(depth, 3)
  const entities = nested(
    letters,
    fan,
    '<!ENTITY e0 "lol">',
    (i, fan) => `<!ENTITY e${i} "${`&e${i - 1};`.repeat(fan)}">`,
  )
  const groups = nested(
    depth,
    fan,
    '<g id="g0"><rect width="9" height="9"/></g>',
    (i, fan) => `<g id="g${i}">${`<use href="#g${i - 1}"/>`.repeat(fan)}</g>`,
  )
  const links = ['file:///dev/zero', '#g0', '#itself', 'data:image/png;base64,iVBORw0KGgo=', 'http://127.0.0.1:9/', '']
  const link = links[random.below(links.length)]
  const nesting = 1 + random.below(2000)
  const parts = [
    `<rect x="2" y="${number('3')}" width="${number('9')}" height="${number('12')}" fill="#c86432"/>`,
    `<path d="M0 0L${number('20')} ${number('30')}" stroke="red" stroke-dasharray="${number('2')}"/>`,
    `<filter id="f"><feGaussianBlur stdDeviation="${number('2')}"/><feMorphology radius="${number('1')}"/>` +
      `<feTurbulence numOctaves="${number('2')}" baseFrequency="${number('0.1')}"/></filter><rect width="9" height="9" filter="url(#f)"/>`,
    `<pattern id="p" width="${number('4')}" height="${number('4')}" patternUnits="userSpaceOnUse"><rect width="2" height="2"/></pattern>` +
      `<rect width="28" height="20" fill="url(#p)"/>`,
    `<text y="10" font-size="${number('8')}">&e${letters};</text>`,
    `<defs>${groups}</defs><use href="#g${depth}"/>`,
    `<g id="itself"><use href="${link}"/><image href="${link}" width="9" height="9"/></g>`,
    `<style>@import url("${link}"); rect { stroke-width: ${number('1')} }</style>`,
    '<g>'.repeat(nesting) + '</g>'.repeat(nesting),
  ]
  const chosen = parts.filter(() => random.below(3) === 0).join('')
  const size = `width="${number('28')}" height="${number('20')}" viewBox="0 0 ${number('28')} ${number('20')}"`
  return Buffer.from(
    `<!DOCTYPE svg [${entities}]><svg xmlns="http://www.w3.org/2000/svg" ${size}>${parts[0]}${chosen}</svg>`,
  )
}
