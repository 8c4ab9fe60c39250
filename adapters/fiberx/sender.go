package fiberx

import (
	"context"
	"io"
	"sync"
	"time"
)

// sendBuffer is what is read from storage and written to the connection at
// once.
const sendBuffer = 256 << 10

// unknownLength of a sender lets the source say where the end is.
const unknownLength = -1

var sendBuffers = sync.Pool{New: func() any { return new([sendBuffer]byte) }}

var _ io.ReadCloser = (*sender)(nil)

// lender is a source that has bytes in memory of its own, which are sent without
// a copy.
type lender interface {
	// Lend returns bytes that are good until the next call of any method; none
	// when Read has to be asked.
	Lend() []byte
}

// sender streams a download and moves the connection's write deadline before
// each write, so that a client that takes nothing is let go while a slow one
// may take all day.
type sender struct {
	src    io.ReadCloser
	cancel context.CancelFunc
	left   int64
	idle   time.Duration
	arm    func(time.Time) error
}

// WriteTo is what fasthttp calls.
func (s *sender) WriteTo(w io.Writer) (int64, error) {
	buf := sendBuffers.Get().(*[sendBuffer]byte)
	defer sendBuffers.Put(buf)
	var sent int64
	for {
		b, err := s.next(buf[:])
		if len(b) > 0 {
			m, werr := w.Write(b)
			sent += int64(m)
			if werr != nil {
				return sent, werr
			}
		}
		if err == io.EOF {
			return sent, nil
		}
		if err != nil {
			return sent, err
		}
	}
}

// next returns bytes of the source, or such that it read into buf.
func (s *sender) next(buf []byte) ([]byte, error) {
	if l, ok := s.src.(lender); ok && s.left != 0 {
		if b := l.Lend(); len(b) > 0 {
			if s.left > 0 {
				b = b[:min(int64(len(b)), s.left)]
				s.left -= int64(len(b))
			}
			return b, s.arm(time.Now().Add(s.idle))
		}
	}
	n, err := s.Read(buf)
	return buf[:n], err
}

func (s *sender) Read(p []byte) (int, error) {
	if s.left == 0 {
		return 0, io.EOF
	}
	if s.left > 0 {
		p = p[:min(int64(len(p)), s.left)]
	}
	n, err := s.src.Read(p)
	if s.left > 0 {
		s.left -= int64(n)
		if err == io.EOF && s.left > 0 {
			err = io.ErrUnexpectedEOF
		}
	}
	if aerr := s.arm(time.Now().Add(s.idle)); aerr != nil {
		return n, aerr
	}
	return n, err
}

// Close ends the read from storage.
func (s *sender) Close() error {
	defer s.cancel()
	return s.src.Close()
}
