// What `import 'npair'` costs a process, beside one that imports an empty module.
import { execFileSync } from 'node:child_process'
import { alternate, median } from './alternate.mjs'

const url = {
  npair: new URL('../dist/index.js', import.meta.url).href,
  empty: 'data:text/javascript,export{}',
}

export const title = 'Importing'
export const about =
  'Milliseconds of `await import(…)` in a new process, and of the whole process, median over rounds in turns. An empty module ' +
  'shows what Node.js takes by itself. The addon and libtorch are loaded when they are first needed, not here.'

export async function bench({ tiny = false }) {
  const whole = { npair: [], empty: [] }
  const contestant = (name) => ({
    async run() {
      const start = performance.now()
      const code = `const start = performance.now(); await import(${JSON.stringify(url[name])}); console.log(performance.now() - start)`
      const own = execFileSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' })
      whole[name].push((performance.now() - start) / 1000)
      return Number(own) / 1000
    },
  })
  const rounds = tiny ? 2 : 21
  const seconds = await alternate({ npair: contestant('npair'), empty: contestant('empty') }, 1, rounds)
  const ms = (values) => 1000 * median(values)
  const row = (name, { npair, empty }) => ({
    what: name,
    'npair, ms': ms(npair).toFixed(1),
    'empty, ms': ms(empty).toFixed(1),
    'npair costs, ms': (ms(npair) - ms(empty)).toFixed(1),
  })
  return [row('import', seconds), row('whole process', whole)]
}
