export default {
  files: ['__test__/**/*.test.ts'],
  extensions: { ts: 'module' },
  nodeArguments: ['--import=tsx'],
  // The addon's engine is one a process; threads would share it.
  workerThreads: false,
  concurrency: 2,
  timeout: '5m',
}
