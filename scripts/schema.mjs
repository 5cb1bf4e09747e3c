// Writes the JSON Schemas of config files; `--check` fails if a committed one is stale.
import { readFile, writeFile } from 'node:fs/promises'
import { compareConfigJsonSchema } from '../dist/compare/compareConfig.js'
import { configJsonSchema } from '../dist/config/trainConfig.js'

const schemas = { 'npair.schema.json': configJsonSchema, 'npair-compare.schema.json': compareConfigJsonSchema }
for (const [name, schema] of Object.entries(schemas)) {
  const file = new URL(`../${name}`, import.meta.url)
  const text = `${JSON.stringify(await schema(), null, 2)}\n`
  if (!process.argv.includes('--check')) await writeFile(file, text)
  else if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
    console.error(`${name} is stale: run \`node scripts/schema.mjs\` after a build and commit it`)
    process.exitCode = 1
  }
}
