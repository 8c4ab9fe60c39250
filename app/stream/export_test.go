package stream

// SharedBuffers is sharedBuffers for tests.
const SharedBuffers = sharedBuffers
