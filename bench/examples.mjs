// The contestants that are written in Rust.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { triple } from './contestant.mjs'

/** Builds examples of crates/engine: what they measure has no face in JavaScript. */
export function buildExamples(...names) {
  const cwd = fileURLToPath(new URL('..', import.meta.url))
  const which = names.flatMap((name) => ['--example', name])
  const args = ['build', '--quiet', '--release', '--target', triple, '-p', 'npair-engine', ...which]
  execFileSync('cargo', args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] })
}
