package sessions

import (
	"context"
	"encoding/hex"
	"errors"
	"maps"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"doorito/domain"
	"doorito/ports"
	"doorito/ports/usecase"
)

// maxMetadata in bytes, keys and values together: what fits in a request's
// header.
const maxMetadata = 16 << 10

// errEarlier tells that the idempotency key of a partial has a session; it takes
// back what the transaction did so far.
var errEarlier = errors.New("sessions: the idempotency key was used before")

// Create implements usecase.Sessions.
func (s *Sessions) Create(ctx context.Context, a domain.Actor, in usecase.SessionInput) (*domain.UploadSession, bool, error) {
	if err := a.RequireTo(domain.MayUpload); err != nil {
		return nil, false, err
	}
	if in.Kind == domain.SessionFinal {
		return nil, false, domain.FieldErrorf("kind", "A final upload is made of partial ones. Join them.")
	}
	row, file, err := s.draft(a, in)
	if err != nil {
		return nil, false, err
	}
	return s.make(ctx, a, in, row, file)
}

// make inserts file and session, and stores a small upload that is all there.
func (s *Sessions) make(ctx context.Context, a domain.Actor, in usecase.SessionInput, row *domain.UploadSession, file *domain.File) (*domain.UploadSession, bool, error) {
	if in.First != nil && file != nil {
		if w := takeWhole(in.First); w != nil {
			done, err := s.createWhole(ctx, a, row, file, w)
			if err != nil {
				done, err = s.again(ctx, row, file, err)
				return done, false, err
			}
			if done != nil {
				return done, true, nil
			}
		}
	}
	err := s.insertOne(ctx, func(ctx context.Context, st ports.Stores, alone bool) error {
		if err := s.insert(ctx, st, a, row, file, alone); err != nil {
			return err
		}
		return promise(ctx, st, a, row)
	})
	if err != nil {
		got, err := s.again(ctx, row, file, err)
		return got, false, err
	}
	return row, true, nil
}

// draft checks what was asked for and makes session and file of it; no file
// for a partial.
func (s *Sessions) draft(a domain.Actor, in usecase.SessionInput) (*domain.UploadSession, *domain.File, error) {
	if err := domain.CheckIdempotencyKey(in.IdempotencyKey); err != nil {
		return nil, nil, err
	}
	if in.Kind == "" {
		in.Kind = domain.SessionWhole
	}
	if in.Size != nil {
		if err := s.Limits.CheckSize(*in.Size); err != nil {
			return nil, nil, err
		}
	}
	if err := checkMetadata(in.Metadata); err != nil {
		return nil, nil, err
	}
	sum, err := declaredSum(in.SHA256)
	if err != nil {
		return nil, nil, err
	}
	now := s.Clock.Now()
	row, err := domain.NewUploadSession(s.IDs.New(), in.Kind, in.Size, owner(a), s.TTL, now)
	if err != nil {
		return nil, nil, err
	}
	row.IdempotencyKey, row.DeclaredSHA256, row.StorageKey = in.IdempotencyKey, sum, domain.StorageKey(row.ID, now)
	maps.Copy(row.Metadata, in.Metadata)
	if in.Declared != nil {
		row.Metadata = maps.Clone(in.Declared)
	}
	if in.Kind == domain.SessionPartial {
		return row, nil, nil
	}
	name, err := domain.CleanFilename(in.Name)
	if err != nil {
		return nil, nil, err
	}
	file := domain.NewFile(s.IDs.New(), name, owner(a), in.BatchID, now)
	file.UploaderName = a.Name
	maps.Copy(file.Metadata, in.Metadata)
	row.FileID, row.StorageKey = &file.ID, file.StorageKey
	return row, file, nil
}

// insertOne runs fn, which inserts a session, in a transaction: again, and alone,
// when the user has plenty of open ones.
func (s *Sessions) insertOne(ctx context.Context, fn func(ctx context.Context, st ports.Stores, alone bool) error) error {
	err := s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error { return fn(ctx, st, false) })
	if errors.Is(err, ports.ErrMoreOpen) {
		err = s.DB.InTx(ctx, func(ctx context.Context, st ports.Stores) error { return fn(ctx, st, true) })
	}
	return err
}

// insert adds session and file, if any, unless the key has one or the user too
// many: more than plenty, or with alone more than MaxOpen.
func (s *Sessions) insert(ctx context.Context, st ports.Stores, a domain.Actor, row *domain.UploadSession, file *domain.File, alone bool) error {
	if !alone {
		return open(ctx, st, a, row, file, plenty)
	}
	if err := open(ctx, st, a, row, file, math.MaxInt32); err != nil || row.UserID == nil {
		return err
	}
	n, err := st.Sessions.CountOpenAlone(ctx, *row.UserID)
	if err == nil && n > MaxOpen {
		err = domain.Errorf(domain.Quota, "You have %d unfinished uploads, the most that may be open at once. Finish or cancel some, then start new ones.", MaxOpen)
	}
	return err
}

// open adds session and file, if any.
func open(ctx context.Context, st ports.Stores, a domain.Actor, row *domain.UploadSession, file *domain.File, most int) error {
	if file != nil {
		if err := joinBatch(ctx, st, a, file, map[uuid.UUID]*domain.Batch{}); err != nil {
			return err
		}
		return st.Uploads.Open(ctx, file, row, most)
	}
	_, created, err := st.Sessions.Insert(ctx, row)
	if err == nil && !created {
		err = errEarlier
	}
	if err != nil || row.UserID == nil {
		return err
	}
	n, err := st.Sessions.CountOpen(ctx, *row.UserID)
	if err == nil && n > most {
		err = ports.ErrMoreOpen
	}
	return err
}

// joinBatch puts a file into its batch, which then stays open until the
// transaction ends. known are those that were joined by it already.
func joinBatch(ctx context.Context, st ports.Stores, a domain.Actor, file *domain.File, known map[uuid.UUID]*domain.Batch) error {
	if file.BatchID == nil {
		return nil
	}
	b, ok := known[*file.BatchID]
	if !ok {
		var err error
		if b, err = st.Batches.Join(ctx, *file.BatchID, file.CreatedAt); err != nil {
			return err
		}
		known[b.ID] = b
	}
	if !a.Sees(b.CreatedBy) {
		return domain.Errorf(domain.NotFound, "There is no such batch. Start a new one.")
	}
	return b.Accept(file.CreatedAt)
}

// again returns the session that the key of a creation that failed made before,
// if the same was asked for then, else the failure. It is asked only now: what
// was in the way, a sealed batch or too many uploads, may have come between.
func (s *Sessions) again(ctx context.Context, asked *domain.UploadSession, file *domain.File, failure error) (*domain.UploadSession, error) {
	if asked.IdempotencyKey == "" || asked.UserID == nil {
		return nil, failure
	}
	reads := s.DB.Reads()
	got, err := reads.Sessions.FindByKey(ctx, *asked.UserID, asked.IdempotencyKey)
	if domain.IsCode(err, domain.NotFound) {
		return nil, failure
	}
	if err != nil {
		return nil, err
	}
	// A size that was deferred may be known by now. A SHA-256 may be declared at
	// the end too.
	same := got.Kind == asked.Kind && (got.FileID == nil) == (file == nil) && maps.Equal(got.Metadata, asked.Metadata) &&
		(asked.TotalSize == nil || equal(got.TotalSize, asked.TotalSize)) &&
		(asked.DeclaredSHA256 == "" || got.DeclaredSHA256 == "" || got.DeclaredSHA256 == asked.DeclaredSHA256)
	if same && file != nil {
		made, err := reads.Files.Find(ctx, *got.FileID)
		if err != nil {
			return nil, err
		}
		same = made.OriginalFilename == file.OriginalFilename && equal(made.BatchID, file.BatchID)
	}
	if !same {
		return nil, domain.KeyReused()
	}
	return got, nil
}

func equal[T comparable](a, b *T) bool {
	return (a == nil) == (b == nil) && (a == nil || *a == *b)
}

func checkMetadata(m map[string]string) error {
	size := 0
	for k, v := range m {
		size += len(k) + len(v)
		if !utf8.ValidString(k) || !utf8.ValidString(v) || strings.ContainsRune(k+v, 0) {
			return domain.FieldErrorf("metadata", "Metadata is plain UTF-8 text.")
		}
	}
	if size > maxMetadata {
		return domain.FieldErrorf("metadata", "The metadata has %d bytes; at most %d fit. Shorten it.", size, maxMetadata)
	}
	return nil
}

func declaredSum(text string) (string, error) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != 0 && len(raw) != 32 {
		return "", domain.FieldErrorf("sha256", "A SHA-256 is 64 hexadecimal digits. Send it like that, or leave it out.")
	}
	return strings.ToLower(text), nil
}

func owner(a domain.Actor) *uuid.UUID {
	if a.UserID == uuid.Nil {
		return nil
	}
	id := a.UserID
	return &id
}
