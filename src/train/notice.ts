/** Something that a run goes on in spite of, and that its owner should know. */
export interface Notice {
  /**
   * `ENVIRONMENT_CHANGED`: another number of threads, libtorch, processor or GPU than before, so that the run may end with
   * other bits. `NOT_LOCKED`: the file system of the run knows no locks, and nothing keeps a second process from it.
   * `CLASSES_DROPPED`: classes with too few images are left out of the batches. `CHECKPOINT_DAMAGED`: the checkpoint to go
   * on from, or to go back to, cannot be read, and the run goes on from the one before it; the damaged one is kept beside it, its name
   * ending in `.damaged`.
   */
  readonly code: 'ENVIRONMENT_CHANGED' | 'NOT_LOCKED' | 'CLASSES_DROPPED' | 'CHECKPOINT_DAMAGED'
  /** For people. */
  readonly message: string
}
