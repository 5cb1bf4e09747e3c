/** Fails to compile unless handed `true`. */
export type Expect<T extends true> = T

/** True only for identical types (the usual trick: two generic functions are assignable only if their conditions agree). */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** The same type written out plainly: intersections and `extends` merged, readonly dropped, all the way down. */
export type Plain<T> = T extends string | number | boolean | null | undefined
  ? T
  : { -readonly [K in keyof T]: Plain<T[K]> }
