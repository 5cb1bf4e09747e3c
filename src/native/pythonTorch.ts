import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'

/** A Python that may have torch installed. */
export interface Python {
  /** How it came up: the name of an environment variable, or of a program. */
  readonly from: string
  readonly program: string
}

/** The Pythons that a person is likely to mean, most deliberate first. */
export function likelyPythons(env: NodeJS.ProcessEnv = process.env): Python[] {
  const named = ['VIRTUAL_ENV', 'CONDA_PREFIX'].flatMap((from) => {
    const folder = env[from]
    return folder ? [{ from, program: join(folder, 'bin', 'python3') }] : []
  })
  return [...named, { from: 'python3', program: 'python3' }]
}

// Looks torch up without importing it, which would take seconds; '' is the working folder, where any `torch` may lie.
const lookUp = `
import sys, importlib.util
sys.path = [p for p in sys.path if p]
spec = importlib.util.find_spec('torch')
print(spec.origin if spec and spec.origin else '')
`

/**
 * The `torch` folder of a Python's installed package.
 *
 * @returns undefined if that Python has no torch, or does not run
 */
export function pythonTorch(python: Python, env: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  return new Promise((resolve) => {
    // Not where we are, nor a home that may not exist: what lies in the working folder must not decide which Python runs.
    const options = { env, cwd: '/', timeout: 20_000 }
    execFile(python.program, ['-c', lookUp], options, (error, stdout) => {
      const origin = stdout.trim().split('\n').at(-1) ?? ''
      resolve(error === null && origin.startsWith('/') ? dirname(origin) : undefined)
    })
  })
}
