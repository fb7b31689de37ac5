package cluster

// Explain is explain, for tests.
var Explain = explain
