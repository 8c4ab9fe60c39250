// Package usecase holds the driving interfaces: what the core offers to web,
// api, worker and cli. Package app implements them.
//
// Every method that takes a domain.Actor decides by it: Unauthenticated for
// nobody, Forbidden for a known actor without the right, NotFound for things
// that this actor may not see.
package usecase
