import test from 'ava'

const installed = await import('usearch').then(
  () => true,
  () => false,
)

/** A test that is skipped by name where the optional package is not there. */
export const withUsearch = installed ? test : test.skip
