/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

/**
 * Runs in a browser: what reaches beyond the page at its sides, and text that runs out of its box, over what stands beside it.
 *
 * @param exempt - selector of what scrolls for itself
 */
export function overflowing(exempt: string): string[] {
  // A function with a name would come with a helper of the compiler's that the browser lacks.
  const elements = [...document.querySelectorAll('body *')].filter((element) => element.closest(exempt) === null)
  const beyond = elements.filter(
    (element) =>
      element.getBoundingClientRect().right > window.innerWidth + 1 || element.getBoundingClientRect().left < -1,
  )
  const spilt = elements.filter(
    (element) =>
      element.scrollWidth > element.clientWidth + 1 &&
      element.clientWidth > 0 &&
      !/^(hidden|clip)$/.test(getComputedStyle(element).overflowX) &&
      // Hidden but for those who listen; drawings may reach out of their box, not out of the page.
      element.closest('svg, .points, .figures thead') === null &&
      element.querySelector('svg, .points') === null,
  )
  return [...beyond, ...spilt].map((element) => element.outerHTML.slice(0, 120))
}
