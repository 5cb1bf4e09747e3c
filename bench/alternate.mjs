// Contestants take turns in one run, so that what the machine does meanwhile hits all of them alike.

/**
 * @param contestants - by name, each with `run(count)` that gives seconds
 * @param count - work in a turn
 * @returns by name the seconds of every counted round
 */
export async function alternate(contestants, count, rounds, warmUp = 2) {
  const names = Object.keys(contestants)
  const seconds = Object.fromEntries(names.map((name) => [name, []]))
  for (let round = -warmUp; round < rounds; round++) {
    // Every other round backwards: nobody always comes first.
    for (const name of round % 2 === 0 ? names : [...names].reverse()) {
      const taken = await contestants[name].run(count)
      if (round >= 0) seconds[name].push(taken)
    }
  }
  return seconds
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** How many times as long `theirs` took as `ours`: median over rounds, and a 95 % bootstrap interval of that median. */
export function ratio(theirs, ours) {
  const ratios = theirs.map((seconds, round) => seconds / ours[round])
  let state = 1
  const below = (n) => {
    // A linear congruential generator will do: the interval should only be the same for the same figures.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * n)
  }
  const medians = Array.from({ length: 2000 }, () => median(ratios.map(() => ratios[below(ratios.length)])))
  medians.sort((a, b) => a - b)
  return { median: median(ratios), low: medians[50], high: medians[1949] }
}

export const formatRatio = ({ median, low, high }) => `${median.toFixed(2)}x (${low.toFixed(2)} to ${high.toFixed(2)})`
