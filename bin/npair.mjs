#!/usr/bin/env node
// Committed, so that npm can link the command before anything is built.
import { existsSync } from 'node:fs'

const main = new URL('../dist/cli/main.js', import.meta.url)

if (existsSync(main)) {
  import(main.href).then((cli) => cli.main(process.argv))
} else {
  console.error('npair: not built yet. Run `npm run prepare:all` in its folder (a few minutes the first time).')
  process.exitCode = 1
}
