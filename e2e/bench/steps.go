package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
)

// steps stands in for a test: the steps in a browser belong to one, and outside
// of go test there is none.
type steps struct {
	testing.TB // what is not written out here is not used
	ctx        context.Context
	cleanups   []func()
}

// failedStep is what ends the steps.
type failedStep struct{ error }

// inSteps runs fn, then what it left to be cleaned up, and returns what failed.
func inSteps(ctx context.Context, fn func(tb testing.TB)) error {
	s := &steps{ctx: ctx}
	err := s.try(func() { fn(s) })
	for _, undo := range slices.Backward(s.cleanups) {
		err = errors.Join(err, s.try(undo))
	}
	return err
}

func (s *steps) try(fn func()) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case failedStep:
			err = p.error
		default:
			panic(p)
		}
	}()
	fn()
	return nil
}

func (s *steps) Helper()                  {}
func (s *steps) Name() string             { return "bench" }
func (s *steps) Context() context.Context { return s.ctx }
func (s *steps) Cleanup(undo func())      { s.cleanups = append(s.cleanups, undo) }
func (s *steps) Failed() bool             { return false }

func (s *steps) Log(args ...any)                 { fmt.Fprintln(os.Stderr, args...) }
func (s *steps) Logf(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

func (s *steps) Fatal(args ...any)                 { panic(failedStep{errors.New(fmt.Sprint(args...))}) }
func (s *steps) Fatalf(format string, args ...any) { panic(failedStep{fmt.Errorf(format, args...)}) }
func (s *steps) Error(args ...any)                 { s.Fatal(args...) }
func (s *steps) Errorf(format string, args ...any) { s.Fatalf(format, args...) }
