/**
 * Images of the largest class; 0 without classes. A loop, because a call takes no hundred thousand arguments and data has as
 * many classes.
 *
 * @param byClass - positions of the images of each class
 */
export function largestClass(byClass: readonly Int32Array[]): number {
  let most = 0
  for (const images of byClass) most = Math.max(most, images.length)
  return most
}
