// Rolls the declarations in dist up into index.d.ts, the whole public API in one file; `--check` fails if the committed one is stale.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Extractor, ExtractorConfig } from '@microsoft/api-extractor'

const root = fileURLToPath(new URL('..', import.meta.url))
const target = join(root, 'index.d.ts')
const folder = await mkdtemp(join(tmpdir(), 'npair-api-'))
try {
  const rolled = join(folder, 'index.d.ts')
  const silent = { default: { logLevel: 'none' } }
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: root,
      mainEntryPointFilePath: join(root, 'dist/index.d.ts'),
      compiler: { tsconfigFilePath: join(root, 'tsconfig.json'), skipLibCheck: true },
      apiReport: { enabled: false, reportFileName: 'api.md' },
      docModel: { enabled: false },
      dtsRollup: { enabled: true, untrimmedFilePath: rolled },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages: {
        compilerMessageReporting: { default: { logLevel: 'error' } },
        extractorMessageReporting: silent,
        tsdocMessageReporting: silent,
      },
    },
    configObjectFullPath: join(root, 'api-extractor.json'),
    packageJsonFullPath: join(root, 'package.json'),
  })
  const errors = []
  const { succeeded } = Extractor.invoke(config, {
    localBuild: true,
    messageCallback(message) {
      message.handled = true
      if (message.logLevel === 'error') errors.push(message.text)
    },
  })
  if (!succeeded) throw new Error(`index.d.ts could not be rolled up:\n${errors.join('\n')}`)
  const text = `// Written by scripts/api.mjs from src/index.ts: do not edit.\n\n${await readFile(rolled, 'utf8')}`
  if (!process.argv.includes('--check')) await writeFile(target, text)
  else if ((await readFile(target, 'utf8').catch(() => '')) !== text) {
    console.error('index.d.ts is stale: run `node scripts/api.mjs` after a build, look at the difference and commit it')
    process.exitCode = 1
  }
} finally {
  await rm(folder, { recursive: true })
}
