// What `import 'npair'` costs a process, beside one that imports an empty module.
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { makePackages } from '../scripts/package.mjs'
import { alternate, median } from './alternate.mjs'

export const title = 'Importing'
export const about =
  'Milliseconds of `await import(…)` in a new process, and of the whole process, above those of an empty module (which shows what ' +
  'Node.js takes by itself); medians over rounds in turns. The package is what `npm run package` makes for publishing. The addon and ' +
  'libtorch are loaded when they are first needed, not here.'

export async function bench({ tiny = false }) {
  const folder = await mkdtemp(join(tmpdir(), 'npair-bench-'))
  try {
    const { main } = await makePackages(folder)
    const modules = {
      empty: 'data:text/javascript,export{}',
      package: pathToFileURL(join(main, 'dist/index.js')).href,
      checkout: new URL('../dist/index.js', import.meta.url).href,
    }
    const whole = Object.fromEntries(Object.keys(modules).map((name) => [name, []]))
    const contestant = (name) => ({
      async run() {
        const start = performance.now()
        const code = `const start = performance.now(); await import(${JSON.stringify(modules[name])}); console.log(performance.now() - start)`
        const own = execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' })
        whole[name].push((performance.now() - start) / 1000)
        return Number(own) / 1000
      },
    })
    const contestants = Object.fromEntries(Object.keys(modules).map((name) => [name, contestant(name)]))
    const seconds = await alternate(contestants, 1, tiny ? 2 : 21)
    const above = (all, name) => (1000 * (median(all[name]) - median(all.empty))).toFixed(1)
    return ['package', 'checkout'].map((name) => ({
      what: name,
      'import, ms': above(seconds, name),
      'whole process, ms': above(whole, name),
      'empty process, ms': (1000 * median(whole.empty)).toFixed(1),
    }))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
