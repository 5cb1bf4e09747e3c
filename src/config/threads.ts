/** Threads that a run may ask for: OpenMP ends the process where it cannot start as many as it is told to. */
export const mostThreads = 1024
