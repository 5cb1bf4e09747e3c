// Writes npair.schema.json, the JSON Schema of config files; `--check` fails if the committed one is stale.
import { readFile, writeFile } from 'node:fs/promises'
import { configJsonSchema } from '../dist/config/trainConfig.js'

const file = new URL('../npair.schema.json', import.meta.url)
const text = `${JSON.stringify(await configJsonSchema(), null, 2)}\n`
if (process.argv.includes('--check')) {
  if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
    console.error('npair.schema.json is stale: run `node scripts/schema.mjs` after a build and commit it')
    process.exitCode = 1
  }
} else await writeFile(file, text)
