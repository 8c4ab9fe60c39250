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
		n, err := s.Read(buf[:])
		if n > 0 {
			m, werr := w.Write(buf[:n])
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
