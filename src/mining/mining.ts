export { type CustomMining, custom, type MiningContext } from './custom.js'
export {
  type HardNegativeClasses,
  type HardNegativeClassesOptions,
  hardNegativeClasses,
} from './hardNegativeClasses.js'
