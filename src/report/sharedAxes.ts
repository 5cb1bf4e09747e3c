import type { Figure, Plot } from './draw.js'

type Options = ReturnType<Figure['plot']>

/**
 * The same plot of several models on the same axes, so that they can be compared by eye: an axis of numbers reaches as far as any of
 * them needs, and has the ticks of all.
 */
export function sharedAxes(figures: readonly Figure[]): Figure[] {
  return figures.map((figure) => ({
    ...figure,
    plot: (plot: Plot) => {
      const own = figure.plot(plot)
      const all = figures.map((other) => (other === figure ? own : other.plot(plot)))
      return { ...own, ...sharedAxis('x', own, all), ...sharedAxis('y', own, all) }
    },
  }))
}

function sharedAxis(name: 'x' | 'y', own: Options, all: readonly Options[]): Partial<Options> {
  const domains = all.map((options) => numbers(options[name]?.domain))
  // A band has no numbers, and what says nothing is left to the plot.
  if (domains.some((domain) => domain === undefined)) return {}
  const ends = domains.flatMap((domain) => domain ?? [])
  const ticks = all.map((options) => numbers(options[name]?.ticks))
  const listed = ticks.every((list) => list !== undefined) ? ticks.flatMap((list) => list ?? []) : undefined
  return {
    [name]: {
      ...own[name],
      domain: [Math.min(...ends), Math.max(...ends)],
      ...(listed && { ticks: [...new Set(listed)].sort((a, b) => a - b) }),
    },
  }
}

/** A list of numbers; undefined for anything else. */
function numbers(value: unknown): number[] | undefined {
  if (!Array.isArray(value)) return undefined
  const list: unknown[] = value
  return list.every((item) => typeof item === 'number') ? list : undefined
}
