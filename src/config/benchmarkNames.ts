/** Published sets whose own files say which images they hold. */
export const benchmarkNames = ['cub', 'cars196', 'sop', 'inShop', 'market1501'] as const
export type BenchmarkName = (typeof benchmarkNames)[number]
