// Filled by the change that brings this stage's tests.
