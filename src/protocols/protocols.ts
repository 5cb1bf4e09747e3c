export { create, types } from './create.js'
export { oneShot } from './oneShot.js'
export { retrieval } from './retrieval.js'
export { verification } from './verification.js'
