// The benches in the order in which they run, and what each needs beside npair: `python` (bench/requirements.txt), `cargo`.
export const benches = {
  'train-step': ['python'],
  train: ['python'],
  feed: ['python', 'cargo'],
  loss: ['python', 'cargo'],
  'custom-loss': [],
  embed: ['python'],
  import: [],
  ingest: [],
  'event-loop': [],
  'gradient-caching': [],
  mining: [],
  search: ['python'],
}
