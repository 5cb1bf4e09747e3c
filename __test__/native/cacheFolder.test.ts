import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import test from 'ava'
import { cacheFolder } from '../../src/native/cacheFolder.js'
import { glibcVersion, platformName } from '../../src/native/platform.js'

test('NPAIR_CACHE, then XDG_CACHE_HOME if absolute, then the home', (t) => {
  t.is(cacheFolder({ NPAIR_CACHE: '/a', XDG_CACHE_HOME: '/b', HOME: '/c' }), '/a')
  t.is(cacheFolder({ NPAIR_CACHE: 'a' }), resolve('a'))
  t.is(cacheFolder({ NPAIR_CACHE: '', XDG_CACHE_HOME: '/b', HOME: '/c' }), '/b/npair')
  t.is(cacheFolder({ XDG_CACHE_HOME: 'b', HOME: '/c' }), '/c/.cache/npair')
  t.is(cacheFolder({}), join(homedir(), '.cache/npair'))
})

test('the platform is named as the addon files are', (t) => {
  const libc = glibcVersion()
  const wanted = process.platform === 'linux' ? `-${libc === undefined ? 'musl' : 'gnu'}` : ''
  t.is(platformName(), `${process.platform}-${process.arch}${wanted}`)
  t.true(libc === undefined || /^2\.\d+$/.test(libc), libc)
})
