import { NPairError } from '../errors.js'

/** Names a platform as napi-rs and libtorch.json do: `linux-x64-gnu`, `darwin-arm64`, … */
export function platformName(): string {
  if (process.platform !== 'linux') return `${process.platform}-${process.arch}`
  return `linux-${process.arch}-${glibcVersion() === undefined ? 'musl' : 'gnu'}`
}

/** The version of glibc, for example `2.36`; undefined where there is none (Alpine's musl, macOS, Windows). */
export function glibcVersion(): string | undefined {
  const maker: NodeJS.ProcessReport & { excludeNetwork?: boolean } = process.report
  const { excludeNetwork } = maker
  // Otherwise the report asks the name service about every open connection, which may take seconds.
  maker.excludeNetwork = true
  const report = maker.getReport() as { header?: { glibcVersionRuntime?: string } }
  if (excludeNetwork !== undefined) maker.excludeNetwork = excludeNetwork
  return report.header?.glibcVersionRuntime
}

/** The error for a platform that npair has no addon or no libtorch for. */
export function unsupportedPlatform(): NPairError {
  return new NPairError('ADDON_LOAD', `npair runs on Linux x64 with glibc, but this machine is ${platformName()}`)
}

/** The platform for which there is an addon, this one or none. */
export function supportedPlatform(): string {
  const name = platformName()
  if (name !== 'linux-x64-gnu') throw unsupportedPlatform()
  return name
}
