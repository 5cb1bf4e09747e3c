export { create, types } from './create.js'
export { nPairMc } from './nPairMc.js'
