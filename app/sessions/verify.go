package sessions

import (
	"context"
	"crypto/sha256"
	"encoding"
	"encoding/hex"
	"io"
	"time"

	"doorito/app/stream"
	"doorito/domain"
	"doorito/ports"
)

// noteEvery is how often a long hashing writes down how far it is.
const noteEvery = time.Second

// declared compares with what the client said.
func declared(row *domain.UploadSession, sum string) error {
	if row.DeclaredSHA256 == "" || row.DeclaredSHA256 == sum {
		return nil
	}
	return domain.NewWrongSum("sha256", sum, row.DeclaredSHA256, "The file that arrived has the SHA-256 %s, not %s as declared. Send it again.")
}

// sumOf is the SHA-256 whose state was saved; that of nothing without one.
func sumOf(state []byte) (string, error) {
	h := sha256.New()
	if state != nil {
		if err := h.(encoding.BinaryUnmarshaler).UnmarshalBinary(state); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// checkHead refuses a type by the file's beginning, once there is enough of it.
func (s *Sessions) checkHead(policy domain.UploadPolicy, row *domain.UploadSession, name string, head []byte) error {
	if knownHead(row, head) == nil {
		return nil
	}
	return policy.CheckType(name, s.Sniffer.Sniff(head), s.Sniffer.ByName(name))
}

// knownHead is head when it is as much as the sniffer wants, or all there is.
func knownHead(row *domain.UploadSession, head []byte) []byte {
	if len(head) == ports.SniffLength || row.TotalSize != nil && int64(len(head)) == *row.TotalSize {
		return head
	}
	return nil
}

func (s *Sessions) readHead(ctx context.Context, key string) ([]byte, error) {
	r, err := s.Blobs.Open(ctx, key, 0, ports.SniffLength)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// readSum hashes the blob, from where parts in order were hashed on the way. It
// writes its state down now and then, so that everybody sees how far it is, and
// who comes after a crash goes on from there: the blob no longer changes.
func (s *Sessions) readSum(ctx context.Context, row *domain.UploadSession) (string, error) {
	sum, err := readPrefix(row.HashState)
	if err != nil {
		return "", err
	}
	if sum.length == *row.TotalSize {
		return sum.hex(), nil
	}
	r, err := s.Blobs.Open(ctx, row.StorageKey, sum.length, -1)
	if err != nil {
		return "", err
	}
	defer r.Close()
	buf := make([]byte, stream.BufferSize)
	for last := s.Clock.Now(); ; {
		n, err := r.Read(buf)
		sum.hash.Write(buf[:n])
		sum.length += int64(n)
		if err == io.EOF {
			return sum.hex(), nil
		}
		if err != nil {
			return "", err
		}
		if now := s.Clock.Now(); now.Sub(last) >= noteEvery {
			last = now
			if err := s.note(ctx, row, sum, now); err != nil {
				return "", err
			}
		}
	}
}

// note writes down how far the hashing is.
func (s *Sessions) note(ctx context.Context, row *domain.UploadSession, sum prefix, now time.Time) (err error) {
	if row.HashState, err = sum.state(); err != nil {
		return err
	}
	row.UpdatedAt = now
	return s.saveAs(ctx, row, domain.SessionCompleting)
}

// hashed is how many bytes from the file's beginning are hashed.
func hashed(row *domain.UploadSession) int64 {
	if row.Kind != domain.SessionFinal && row.Mode != domain.ModeParts {
		return row.BytesReceived
	}
	if row.Status == domain.SessionComplete {
		return *row.TotalSize
	}
	return prefixState(row.HashState).length()
}

func (s *Sessions) saveAs(ctx context.Context, row *domain.UploadSession, from ...domain.SessionStatus) error {
	return s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error { return st.Sessions.Save(ctx, row, from...) })
}
